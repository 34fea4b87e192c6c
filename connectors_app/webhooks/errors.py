"""Why something was not delivered. Each message is for people, and holds neither address nor body."""


class Refused(Exception):
    """Nothing is ever sent to this address; trying again is of no use."""


class Undelivered(Exception):
    """It was sent, or should have been, and no answer says that it arrived.

    `can_retry`: whether trying again may help. `retry_after`: the seconds that the receiver asks to wait, 0 to
    3600; None when it does not say. `status`: of the answer; None when there was none.
    """

    def __init__(
        self,
        message: str,
        *,
        can_retry: bool,
        retry_after: float | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.can_retry, self.retry_after, self.status = can_retry, retry_after, status


class HostNotFound(Undelivered):
    """No server goes by the name in the address: nothing was sent."""
