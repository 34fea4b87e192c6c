"""Reading an answer's body: in pieces, unpacked, never more than a cap."""

import zlib
from collections.abc import Iterator
from contextlib import suppress

from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

PIECE = 64 * 1024


class BodyTooLarge(Exception):
    """The unpacked body is longer than the cap."""


def read_body(raw: BaseHTTPResponse, encoding: str, cap: int) -> bytes:
    """Return the body of `raw`, unpacked if `encoding` is gzip (the only one we ask for).

    At most `cap` bytes and one piece are ever held, also of a small body that unpacks to a huge one.
    Raises BodyTooLarge, zlib.error for a broken or cut gzip stream, and what urllib3 raises for the socket.
    """
    return b"".join(_pieces(raw, encoding, cap))


def read_start(raw: BaseHTTPResponse, encoding: str, cap: int) -> bytes:
    """Return up to `cap` bytes of an error's body, or what came if it breaks off: its status still counts."""
    start = bytearray()
    with suppress(HTTPError, OSError, zlib.error, BodyTooLarge):
        for piece in _pieces(raw, encoding, cap):
            start += piece
    return bytes(start[:cap])


def _pieces(raw: BaseHTTPResponse, encoding: str, cap: int) -> Iterator[bytes]:
    """Yield the unpacked body; BodyTooLarge as soon as it is longer than `cap`."""
    unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16) if encoding.strip().lower() == "gzip" else None
    room, packed = cap, b""
    while packed := raw.read(PIECE, decode_content=False):
        piece = unpack.decompress(packed, room + 1) if unpack else packed
        yield piece
        room -= len(piece)
        if room < 0:
            raise BodyTooLarge
    if unpack and room < cap and not unpack.eof:
        raise zlib.error("the gzip stream is cut")
