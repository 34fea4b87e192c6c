"""How fast bulk work goes: at half of what Bigdata.com allows, so that people's clicks and polling have room."""

from django.conf import settings

_SHARE = 0.5
_SECONDS_A_TURN = 6.0


def calls_a_minute(organizations: int = 1) -> float:
    """How many calls one organization's bulk work may make a minute, where so many have any.

    An organization's bulks take turns, so that none of its keys is used by two of them at a time. The limit per
    IP address is shared by all organizations (contract: 500 requests a minute per key, 1,500 per address).
    """
    per_key: int = settings.BIGDATA_KEY_REQUESTS_PER_MINUTE
    per_address: int = settings.BIGDATA_REQUESTS_PER_MINUTE
    return max(1.0, _SHARE * min(per_key, per_address / max(organizations, 1)))


def items_a_turn(calls_each: int, per_minute: float) -> int:
    """How many items one turn may do. Short turns keep short bulks from waiting long for long ones."""
    return max(1, int(per_minute * _SECONDS_A_TURN / 60 / calls_each))


def seconds_for(calls: int, per_minute: float) -> float:
    """How long the calls have to last at that pace."""
    return 60 * calls / per_minute
