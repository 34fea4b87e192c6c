"""Lighthouse on one page, with the Chromium of CHROME_PATH: `run(url, cookie)`."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

VERSION = "12.8.2"
FOLDER = Path(__file__).resolve().parent.parent / "var" / "lighthouse"
_PROGRAM = FOLDER / "node_modules" / ".bin" / "lighthouse"
_CATEGORIES = "performance,accessibility,best-practices"
_CHROMIUM = "--headless=new --no-sandbox --disable-gpu --disable-quic --disable-background-networking"


def is_there() -> bool:
    """Whether it can be run; installs it into var/lighthouse if npm is there."""
    if not _PROGRAM.exists() and shutil.which("npm"):
        FOLDER.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", FOLDER]
        subprocess.run([*command, f"lighthouse@{VERSION}"], check=False, stdout=subprocess.DEVNULL)
    return _PROGRAM.exists() and _chromium() is not None


def run(url: str, cookie: str, *, desktop: bool = True) -> dict[str, float]:
    """Score by category, from 0 to 100. `cookie` is a whole header, such as `sessionid=…`; empty for nobody."""
    with tempfile.TemporaryDirectory() as folder:
        headers, report = Path(folder) / "headers.json", Path(folder) / "report.json"
        headers.write_text(json.dumps({"Cookie": cookie} if cookie else {}))
        command = [_PROGRAM, url, "--quiet", "--output=json", f"--output-path={report}"]
        command += [
            f"--only-categories={_CATEGORIES}",
            f"--extra-headers={headers}",
            f"--chrome-flags={_CHROMIUM}",
        ]
        command += ["--preset=desktop"] if desktop else []
        environment = os.environ | {"CHROME_PATH": _chromium() or ""}
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
        categories = json.loads(report.read_text())["categories"]
    return {name: round(100 * (each["score"] or 0)) for name, each in categories.items()}


def _chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROME_PATH") or next(filter(None, map(shutil.which, names)), None)
