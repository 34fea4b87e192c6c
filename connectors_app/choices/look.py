"""How a value is shown."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """How a value is shown: a Tabler tone, an icon of the sprite, and a sentence for people."""

    tone: str
    icon: str
    explanation: str
