"""Looking over a list of allowed senders: what may be a mistake. Hints, never refusals."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

FREE_MAIL_DOMAINS = frozenset(
    {
        *("aol.com", "email.com", "fastmail.com", "gmail.com", "googlemail.com", "hey.com", "hotmail.com"),
        *("icloud.com", "inbox.com", "live.com", "mac.com", "mail.com", "me.com", "msn.com", "outlook.com"),
        *("pm.me", "proton.me", "protonmail.com", "rediffmail.com", "tutanota.com", "yahoo.com", "ymail.com"),
        *("zoho.com", "hotmail.co.uk", "live.co.uk", "yahoo.co.uk", "gmx.at", "gmx.ch", "gmx.com", "gmx.de"),
        *("gmx.net", "hotmail.de", "outlook.de", "t-online.de", "web.de", "yahoo.de", "free.fr", "hotmail.fr"),
        *("laposte.net", "orange.fr", "yahoo.fr", "libero.it", "virgilio.it", "mail.ru", "yandex.com"),
        *("yandex.ru", "126.com", "163.com", "qq.com", "naver.com", "yahoo.co.jp"),
    }
)
# Domains that are so well known that one letter off is more likely a slip than another company.
_WELL_KNOWN = (
    "gmail.com",
    "googlemail.com",
    "hotmail.com",
    "outlook.com",
    "yahoo.com",
    "yahoo.co.uk",
    "icloud.com",
    "protonmail.com",
)
# Short names are one letter apart by chance: ubs.com and ubp.com are two banks.
_TELLING_NAME = 5
_LONGEST_DOMAIN = 253
_LOOKED_AT_MOST = 5000
_NAMED_AT_MOST = 5
_TYPOS_AT_MOST = 10


@dataclass(frozen=True, slots=True)
class Hint:
    """Something worth a second look, with an icon of the sprite."""

    icon: str
    text: str


def lint(addresses: Iterable[str]) -> list[Hint]:
    """What may be a mistake among the addresses: likely typos first, then freemail domains."""
    looked_at = _distinct(addresses)[:_LOOKED_AT_MOST]
    return [*_typo_hints(looked_at), *_free_mail_hints(looked_at)]


def summary(addresses: Sequence[str]) -> str:
    """How many there are, as in "12 senders, 2 duplicates merged"."""
    distinct = len(_distinct(addresses))
    duplicates = len(addresses) - distinct
    counted = f"{distinct:,} sender{'' if distinct == 1 else 's'}"
    if not duplicates:
        return counted
    return f"{counted}, {duplicates:,} duplicate{'' if duplicates == 1 else 's'} merged"


def likely_typos(addresses: Iterable[str]) -> dict[str, str]:
    """Domains that are one slip away from a well-known one, or from one that two other senders share.

    Maps each to the domain that was probably meant. A domain that is well known itself is never in it.
    """
    counts = Counter(map(_domain, _distinct(addresses)))
    targets = [*_WELL_KNOWN, *(domain for domain, count in counts.items() if count > 1)]
    index = _index(domain for domain in targets if len(domain.partition(".")[0]) >= _TELLING_NAME)
    rare = (d for d, count in counts.items() if count == 1 and d not in FREE_MAIL_DOMAINS)
    found = ((domain, _meant(domain, index)) for domain in rare)
    return {domain: meant for domain, meant in found if meant}


def _typo_hints(addresses: list[str]) -> list[Hint]:
    typos = likely_typos(addresses)
    hints = [
        Hint("help-circle", f"{address}: did you mean {typos[_domain(address)]}?")
        for address in addresses
        if _domain(address) in typos
    ]
    more = len(hints) - _TYPOS_AT_MOST
    others = [Hint("help-circle", f"{more:,} more look like a slip.")] if more > 0 else []
    return hints[:_TYPOS_AT_MOST] + others


def _free_mail_hints(addresses: list[str]) -> list[Hint]:
    free = [address for address in addresses if _domain(address) in FREE_MAIL_DOMAINS]
    if not free:
        return []
    more = len(free) - _NAMED_AT_MOST
    named = ", ".join(free[:_NAMED_AT_MOST]) + (f" and {more:,} more" if more > 0 else "")
    return [Hint("info-circle", f"{named}: free mail, where anybody can have an address. Is it who you mean?")]


def _distinct(addresses: Iterable[str]) -> list[str]:
    unique: dict[str, str] = {}
    for address in addresses:
        unique.setdefault(address.casefold(), address)
    return list(unique.values())


def _domain(address: str) -> str:
    """The part after the one @, in small letters; '' where there is none (yet)."""
    name, at, domain = address.casefold().partition("@")
    return domain if name and at and "@" not in domain and len(domain) <= _LONGEST_DOMAIN else ""


def _index(domains: Iterable[str]) -> dict[str, list[str]]:
    """The domains by each of their variants, so that near ones are found without comparing all with all."""
    index: dict[str, list[str]] = defaultdict(list)
    for domain in dict.fromkeys(domains):
        for variant in _variants(domain):
            index[variant].append(domain)
    return index


def _meant(domain: str, index: dict[str, list[str]]) -> str:
    near = (target for variant in _variants(domain) for target in index.get(variant, ()))
    return min((target for target in near if _one_slip_apart(domain, target)), default="")


def _variants(domain: str) -> set[str]:
    """The domain, and the domain without any one of its characters."""
    return {domain} | {domain[:at] + domain[at + 1 :] for at in range(len(domain))}


def _one_slip_apart(one: str, other: str) -> bool:
    """Whether one character too many, too few or wrong, or two swapped, make the difference."""
    letters = enumerate(zip(one, other, strict=False))
    same = next((at for at, (left, right) in letters if left != right), min(len(one), len(other)))
    one, other = one[same:], other[same:]
    is_wrong = one[1:] == other[1:]
    is_swapped = one[:2] == other[1::-1] and one[2:] == other[2:]
    return one != other and (is_wrong or is_swapped or one[1:] == other or one == other[1:])
