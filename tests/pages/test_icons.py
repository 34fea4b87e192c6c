"""The sprite holds every icon that a template or an enumeration names."""

import re
from pathlib import Path

from connectors_app.choices import KeyStatus, Outcome, State
from connectors_app.connector_types import CONNECTOR_TYPES

ROOT = Path(__file__).resolve().parents[2]
SPRITE = (ROOT / "static" / "img" / "icons.svg").read_text()


def named_in_templates() -> set[str]:
    pages = (path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    pattern = r"""\{%\s*icon\s+["']([\w-]+)["']|\bicon(?:_name)?=["']([\w-]+)["']"""
    return {name for page in pages for pair in re.findall(pattern, page) for name in pair if name}


def test_every_icon_in_use_is_in_the_sprite() -> None:
    looks = [member.look for choices in (State, KeyStatus, Outcome) for member in choices]
    used = named_in_templates() | {shown.icon for shown in [*looks, *CONNECTOR_TYPES.values()]}
    assert used - set(re.findall(r'<symbol id="([\w-]+)"', SPRITE)) == set()


def test_the_sprite_runs_no_script_and_sets_no_style() -> None:
    assert not re.search(r"<script|<style|style=|\son\w+=|https?://(?!www\.w3\.org/)", SPRITE)
