"""docs/security.md: every abuse has its row, and what a row names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SECURITY = (ROOT / "docs" / "security.md").read_text()
ABUSES = dict(re.findall(r"^\| (\d+) \| (.*) \|$", SECURITY, flags=re.MULTILINE))
PLACES = sorted(set(re.findall(r"`((?:connectors_app|dashboard|templates|tests|bench)/[^`]*)`", SECURITY)))


def test_every_abuse_is_there():
    assert sorted(map(int, ABUSES)) == list(range(1, 36))


@pytest.mark.parametrize("number", ABUSES)
def test_each_names_requirements_a_place_and_tests(number):
    _, requirements, place, tests = ABUSES[number].split(" | ")
    assert re.fullmatch(r"\d+\.\d+\.\d+(, \d+\.\d+\.\d+)*", requirements)
    assert place.startswith("`")
    assert re.search(r"`tests/[^`]+`", tests)


@pytest.mark.parametrize("place", PLACES)
def test_what_it_names_is_there(place):
    path, _, test = place.partition("::")
    assert (ROOT / path).exists()
    assert not test or f"def {test}(" in (ROOT / path).read_text()
