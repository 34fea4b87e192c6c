"""What is installed is what was looked at: every package pinned, with hashes, from no address in particular."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ["base.txt", "dev.txt"]
NAME = re.compile(r"^([A-Za-z0-9._-]+)")


def entries(name: str) -> list[str]:
    """The packages of a file, each with its hashes, in one line."""
    text = (ROOT / "requirements" / name).read_text()
    lines = re.sub(r"\s*\\\n\s*", " ", re.sub(r"(?m)^\s*#.*\n?", "", text)).splitlines()
    return [line for line in lines if line.strip()]


def pins(name: str) -> dict[str, str]:
    """The version of each package."""
    return {NAME.findall(entry)[0]: entry.partition("==")[2].split()[0] for entry in entries(name)}


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_every_package_is_pinned_with_its_hashes(name: str) -> None:
    form = re.compile(r"[A-Za-z0-9._-]+(\[[a-z, -]+\])?==[\w.+!]+( ; [^#]+?)?( --hash=sha256:[0-9a-f]{64})+")
    assert len(entries(name)) > 30
    assert [entry for entry in entries(name) if not form.fullmatch(entry)] == []


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_no_address_is_named(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text()
    assert not re.search(r"(?m)://|^-|@ |--(?!hash=)", text)


def test_what_is_worked_with_is_what_is_run() -> None:
    developed = pins("dev.txt")
    assert {name: developed.get(name) for name in pins("base.txt")} == pins("base.txt")


def test_everything_that_the_project_names_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = {"base.txt": project["dependencies"], "dev.txt": project["optional-dependencies"]["dev"]}
    for file, requirements in named.items():
        locked = {name.lower() for name in pins(file)}
        assert {NAME.findall(each)[0].lower() for each in requirements} <= locked
