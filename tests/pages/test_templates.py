"""What holds for every template: the content security policy, and error pages that need nothing."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
PAGES = [path for path in TEMPLATES.rglob("*.html") if "email" not in path.relative_to(TEMPLATES).parts[0]]
FORBIDDEN = re.compile(
    r"""<[^>]*\s(style|on[a-z]+|hx-on[\w:-]*)=         # inline style, inline handler
    | <style(?![^>]*nonce)                               # a style element without the nonce
    | <script(?![^>]*(nonce|\ssrc=|application/json))   # an inline script without the nonce
    | javascript: | (src|href)=["'](https?:)?//(?!www\.w3\.org)""",
    re.VERBOSE | re.IGNORECASE,
)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_template_holds_nothing_that_the_policy_would_block(path: Path) -> None:
    found = [match.group() for match in FORBIDDEN.finditer(path.read_text())]
    assert [piece for piece in found if "rel=" not in piece] == []


@pytest.mark.parametrize("sample", ['<p style="x">', '<a onclick="x">', "<script>x</script>", "<style>x</style>"])
def test_what_the_policy_would_block_is_recognised(sample: str) -> None:
    assert FORBIDDEN.search(sample)


@pytest.mark.parametrize("name", ["400.html", "403_csrf.html", "500.html"])
def test_an_error_page_needs_no_context_and_says_what_to_do(name: str) -> None:
    html = get_template(name).render()
    assert "<h1>" in html
    assert 'class="button"' in html
    assert "<script" not in html
