"""A Secret shows nothing of itself."""

import copy
import json
import pickle

import pytest

from connectors_app.bigdata import BrokerConfig, Secret


@pytest.mark.parametrize("show", [repr, str, "{}".format, "{:>40}".format, lambda s: f"{s!r}", lambda s: f"{s}"])
def test_no_way_of_showing_a_secret_shows_it(show):
    assert "canary" not in show(Secret("canary"))


def test_a_dataclass_around_a_secret_does_not_show_it():
    assert "canary" not in repr(BrokerConfig("jane", Secret("canary")))


@pytest.mark.parametrize(
    "leak", [pickle.dumps, json.dumps, copy.copy, copy.deepcopy, lambda s: s.__getstate__(), vars, hash]
)
def test_a_secret_cannot_be_serialised_copied_or_hashed(leak):
    with pytest.raises(TypeError) as caught:
        leak(Secret("canary"))
    assert "canary" not in str(caught.value)


def test_secrets_are_equal_by_value_and_never_equal_to_text():
    assert Secret("ü\ud800") == Secret("ü\ud800")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"


def test_an_empty_secret_is_false_and_a_filled_one_reveals_its_text():
    assert not Secret("")
    assert Secret("canary").reveal() == "canary"


def test_only_text_can_be_a_secret():
    with pytest.raises(TypeError) as caught:
        Secret(1234567)
    assert "1234567" not in str(caught.value)
