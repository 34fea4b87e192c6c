"""Signatures by which a receiver knows that a webhook is ours, unchanged and not an old one sent again."""

import hmac
import re

_HEADER = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")


def signature(secret: str, body: bytes, *, timestamp: int) -> str:
    """Return `t=<timestamp>,v1=<hex HMAC-SHA256 of "<timestamp>." and the body>`, for the signature header."""
    signed = str(timestamp).encode() + b"." + body
    return f"t={timestamp},v1={hmac.new(secret.encode(), signed, 'sha256').hexdigest()}"


def verify(secret: str, body: bytes, header: str, *, now: float, tolerance: float = 300) -> bool:
    """Return whether `header` is the signature of `body`, made within `tolerance` seconds of `now`.

    In constant time: how long it takes tells nothing of the right signature.
    """
    match = _HEADER.fullmatch(header)
    if match is None:
        return False
    timestamp = int(match[1])
    expected = signature(secret, body, timestamp=timestamp)
    return hmac.compare_digest(expected.encode(), header.encode()) and abs(now - timestamp) <= tolerance
