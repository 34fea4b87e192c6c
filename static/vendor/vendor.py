"""Fetch the third-party browser files that this project serves, exactly as their authors published them.

`python static/vendor/vendor.py` reads `vendor.toml` beside it, downloads each package with `npm pack`,
refuses one whose SHA-256 differs from the table, and unpacks only the listed files. It also draws
`static/img/icons.svg`, one sprite of the icons in use. Run it after changing the table, and commit what it
writes.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SPRITE = ROOT / "static" / "img" / "icons.svg"
# Built files name a source map that is megabytes large and never served. The hashing of static files insists
# that whatever a file names exists, so an empty map stands in and the file itself stays untouched.
EMPTY_MAP = '{"version":3,"sources":[],"names":[],"mappings":""}\n'


class ChecksumError(Exception):
    """A downloaded package is not the one that the table describes."""


def main() -> None:
    """Fetch every package of the table, then draw the sprite."""
    table = tomllib.loads((HERE / "vendor.toml").read_text())
    with tempfile.TemporaryDirectory() as scratch:
        for package in table["package"]:
            archive = download(package, Path(scratch))
            unpack(archive, package)
            if "sprite" in package:
                SPRITE.parent.mkdir(exist_ok=True)
                SPRITE.write_text(sprite(archive, package))
            sys.stdout.write(f"{package['name']} {package['version']}\n")


def download(package: dict[str, Any], scratch: Path) -> Path:
    """Return the package's archive; raise `ChecksumError` unless its SHA-256 is the expected one."""
    npm = shutil.which("npm") or "npm"
    command = [npm, "pack", "--silent", f"{package['name']}@{package['version']}"]
    name = subprocess.run(command, cwd=scratch, check=True, capture_output=True, text=True).stdout.strip()
    archive = scratch / name
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != package["sha256"]:
        message = f"{package['name']} {package['version']}: expected {package['sha256']}, got {found}"
        raise ChecksumError(message)
    return archive


def unpack(archive: Path, package: dict[str, Any]) -> None:
    """Write the wanted files of `archive` below the package's folder, with empty maps where they name one."""
    folder = ROOT / package["into"]
    for source, target in package["files"].items():
        path = folder / target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(member(archive, source))
        for name in re.findall(rb"sourceMappingURL=([\w.-]+\.map)", path.read_bytes()):
            (path.parent / name.decode()).write_text(EMPTY_MAP)


def sprite(archive: Path, package: dict[str, Any]) -> str:
    """One SVG whose symbols are the outline icons of the table, each in the colour of its surroundings."""
    symbols = [symbol(archive, name) for name in sorted(package["sprite"])]
    licence = f"Tabler Icons {package['version']}, MIT licence: see {package['into']}/LICENSE"
    body = "\n".join(symbols)
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n<!-- {licence} -->\n{body}\n</svg>\n'


def symbol(archive: Path, name: str) -> str:
    """The icon `name` as a `<symbol>`; the stroke's width is left to the page's style."""
    svg = member(archive, f"icons/outline/{name}.svg").decode()
    inner = re.sub(r"\s*\n\s*", "", svg[svg.index("<svg") :].partition(">")[2].rpartition("</svg>")[0])
    look = 'fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"'
    return f'<symbol id="{name}" viewBox="0 0 24 24" {look}>{inner}</symbol>'


def member(archive: Path, name: str) -> bytes:
    """The content of one file of a package; `KeyError` when the package has no such file."""
    with tarfile.open(archive) as tar:
        file = tar.extractfile(f"package/{name}")
        if file is None:
            raise KeyError(name)
        return file.read()


if __name__ == "__main__":
    main()
