"""What the headers and cookies of an answer must be, and what the policy would block on a page."""

import re
from html.parser import HTMLParser
from typing import Any

ALWAYS = {
    "X-Content-Type-Options": {"nosniff"},
    "X-Frame-Options": {"DENY"},
    # The latter where the page's own address is a secret: only its origin is told, even to ourselves.
    "Referrer-Policy": {"same-origin", "strict-origin"},
    "Cross-Origin-Opener-Policy": {"same-origin"},
    "Cross-Origin-Resource-Policy": {"same-origin"},
}
POLICY = {
    "default-src 'none'",
    "connect-src 'self'",
    "font-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "object-src 'none'",
    "img-src 'self' data:",
}
TELLS_TOO_MUCH = {"Server", "X-Powered-By", "Via"}


def wrong_with(answer: Any, *, is_https: bool, is_file: bool = False) -> set[str]:
    """The names of the headers and cookies that are not as they must be."""
    headers = answer.headers
    wrong = {name for name, allowed in ALWAYS.items() if headers.get(name) not in allowed}
    wrong |= TELLS_TOO_MUCH & set(headers)
    directives = {each.strip() for each in headers.get("Content-Security-Policy", "").split(";")}
    sources = {each for each in directives - POLICY if each.startswith(("script-src 'self'", "style-src 'self'"))}
    if not directives >= POLICY or directives - POLICY != sources or "unsafe" in str(directives):
        wrong.add("Content-Security-Policy")
    powers = dict(each.split("=") for each in headers.get("Permissions-Policy", "x=y").split(", "))
    if "camera" not in powers or {"*", "y"} & set(powers.values()):
        wrong.add("Permissions-Policy")
    if not is_file and "no-store" not in headers.get("Cache-Control", ""):
        wrong.add("Cache-Control")
    if is_https != (headers.get("Strict-Transport-Security") == "max-age=31536000; includeSubDomains; preload"):
        wrong.add("Strict-Transport-Security")
    return wrong | {name for name, cookie in answer.cookies.items() if not is_well_kept(name, cookie, is_https)}


def is_well_kept(name: str, cookie: Any, is_https: bool) -> bool:
    is_deleted = cookie["max-age"] == 0
    return (
        name.startswith("__Host-") == is_https
        and bool(cookie["secure"]) == is_https
        and (bool(cookie["httponly"]) or is_deleted)
        and cookie["samesite"] == "Lax"
        and (cookie["path"], cookie["domain"]) == ("/", "")
    )


def inline_on(answer: Any) -> list[str]:
    """What the policy would block on a page."""
    if answer.streaming or not answer.headers.get("Content-Type", "").startswith("text/html"):
        return []
    _, _, after = answer.headers.get("Content-Security-Policy", "").partition("'nonce-")
    return Blocked(answer.content.decode(), after.partition("'")[0] or "no nonce").found


class Blocked(HTMLParser):
    """Collects what the policy would block on a page, and loads from elsewhere."""

    def __init__(self, html: str, nonce: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._nonce = nonce
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        handlers = [name for name in given if name == "style" or name.startswith(("on", "hx-on"))]
        addresses = [given.get(name, "").strip() for name in ("src", "href", "action", "formaction", "hx-post")]
        outside = [url for url in addresses if re.match(r"(?i)javascript:|data:|(https?:)?//", url)]
        if tag == "img":  # A drawing of our own, such as a QR code.
            outside = [url for url in outside if not url.startswith("data:image/svg+xml;base64,")]
        is_data = given.get("type") == "application/json"  # Not run by any browser, so blocked by none.
        inline = tag == "style" or (tag == "script" and "src" not in given and not is_data)
        if handlers or outside or (inline and given.get("nonce") != self._nonce):
            self.found.append(self.get_starttag_text() or tag)
