"""Text from elsewhere in a Slack message: shown as it is, and never more than text."""

import re
import unicodedata

MAX_LENGTH = 200

_INVISIBLE = frozenset({"Cc", "Cf", "Cs"})  # control, direction and zero-width characters, lone surrogates
# Slack has no escape for these: signs that look like them do.
_LOOK_ALIKES = str.maketrans({"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"})
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# What begins a mention, a channel or an emoji, and what holds a link together.
_JOINT = re.compile(r"([@#:.])(?=\S)")
_ZERO_WIDTH_SPACE = "\u200b"


def escape(text: str, length: int = MAX_LENGTH) -> str:
    """Return `text` for a mrkdwn field: one line of at most `length` visible characters, all of them inert.

    No mention, link, emoji or formatting comes of it. A longer text ends in an ellipsis.
    """
    visible = "".join(sign for sign in text if sign.isspace() or unicodedata.category(sign) not in _INVISIBLE)
    line = " ".join(visible.split())
    if len(line) > length:
        line = line[: length - 1].rstrip() + "…"
    return _JOINT.sub(rf"\1{_ZERO_WIDTH_SPACE}", line.translate(_LOOK_ALIKES)).translate(_ESCAPES)
