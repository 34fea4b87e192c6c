"""A requests session that keeps nothing of an answer: no cookies, no redirects, no retries of its own."""

from http.cookiejar import DefaultCookiePolicy

import requests


class BareSession(requests.Session):
    """A session without any headers of its own, which never looks at where a redirect points.

    requests prepares the next request of a redirect even when told not to follow it, and for that reads the
    whole body, without a cap.
    """

    def __init__(self, user_agent: str, url: str, *, direct: bool = False) -> None:
        """Read the environment's CA bundle and, unless `direct`, its proxy for `url`; only here, once."""
        super().__init__()
        self.headers.clear()
        self.headers["User-Agent"] = user_agent
        environment = self.merge_environment_settings(url, {}, None, None, None)
        self.verify = environment["verify"]
        if not direct:
            self.proxies = environment["proxies"]
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return nowhere."""
