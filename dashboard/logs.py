"""What a log line must not hold."""

import logging
import re

# The rest of these addresses is a secret: who knows it can join, or choose somebody's password.
_ONE_TIME_LINK = re.compile(r"(/invitations/|/account/password/reset/key/)[^/\s]+")


class WithoutOneTimeLinks(logging.Filter):
    """Takes the secret out of addresses that Django logs when it refuses a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _ONE_TIME_LINK.sub(r"\1…", record.getMessage()), ()
        return True
