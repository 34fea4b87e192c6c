"""Text from elsewhere stays text in a Slack message."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors_app.webhooks import escape

GAP = "\u200b"


@pytest.mark.parametrize(
    "text", ["Broker research", "Über-Büro, Zürich", "研究 (42 %)", "Done!", "a - b + c = d", "👍"]
)
def test_plain_text_stays_as_it_is(text):
    assert escape(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Q&A <b>", "Q&amp;A &lt;b&gt;"),
        ("&lt;!here&gt;", "&amp;lt;!here&amp;gt;"),
        ("<!channel> <@U012AB3CD>", f"&lt;!channel&gt; &lt;@{GAP}U012AB3CD&gt;"),
        ("<https://evil.example|Sign in>", f"&lt;https:{GAP}//evil.{GAP}example|Sign in&gt;"),
        ("@here #general", f"@{GAP}here #{GAP}general"),
        ("evil.example/x", f"evil.{GAP}example/x"),
        ("a@evil.example", f"a@{GAP}evil.{GAP}example"),
        (":warning: 10:30", f":{GAP}warning: 10:{GAP}30"),
        ("*a* _b_ ~c~ `d`", "∗a∗ ˍbˍ ∼c∼ ˋdˋ"),
        ("> quoted", "&gt; quoted"),
        ("one\r\ntwo\tthree\u2028four\x85five", "one two three four five"),
        ("  a \u202e b  ", "a b"),
        ("@\u200dhere\x00\ud800\u202e\u2066\u200b\ufeff\U000e0041", f"@{GAP}here"),
    ],
)
def test_what_slack_would_act_on_is_made_inert(text, shown):
    assert escape(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("abcde", "abcde"),
        ("abcdef", "abcd…"),
        ("abc defg", "abc…"),
        ("&&&&&&", "&amp;&amp;&amp;&amp;…"),
        ("a.b.c.", f"a.{GAP}b.{GAP}…"),
    ],
)
def test_a_long_text_is_cut_between_characters_as_they_are_read(text, shown):
    assert escape(text, 5) == shown


def test_200_characters_are_enough_for_one_text():
    assert escape("x" * 200) == "x" * 200
    assert escape("x" * 201) == "x" * 199 + "…"


LOADED = st.text(st.one_of(st.sampled_from("<>&@#:.*_~`| \n\u202e\u200b!hereco/"), st.characters()), max_size=80)


@given(LOADED)
def test_nothing_that_slack_acts_on_is_left_in_any_text(text):
    escaped = escape(text, 40)
    assert not re.search(r"[<>*_~`\r\n]|&(?!amp;|lt;|gt;)|[@#:.](?![\u200b\s]|$)", escaped)
    plain = escaped.replace(GAP, "")
    assert {unicodedata.category(sign) for sign in plain} & {"Cc", "Cf", "Cs", "Zl", "Zp"} == set()
    for entity in ("&lt;", "&gt;", "&amp;"):
        plain = plain.replace(entity, "&")
    assert len(plain) <= 40
