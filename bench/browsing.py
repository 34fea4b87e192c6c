"""What the twenty people of the soak do: locust's script, started by `bench.soak`.

SOAK_COOKIES names a file with one session cookie a line; SOAK_RESULTS the file where every answer is noted, one
JSON object a line: at (seconds since 1970), name, status (0: no answer), and for a create its label.
"""

import json
import os
import random
import re
import time
from itertools import count
from pathlib import Path
from typing import Any, TextIO

from locust import HttpUser, between, events, task

_COOKIES = Path(os.environ["SOAK_COOKIES"]).read_text().split()
_PEOPLE, _LABELS = count(), count(1)
_TRIES = 30
_results: TextIO = Path(os.environ["SOAK_RESULTS"]).open("a", buffering=1)  # noqa: SIM115 - until the end


@events.request.add_listener
def note(name: str, response: Any, context: dict[str, Any], **_: Any) -> None:
    status = response.status_code if response is not None else 0
    _results.write(json.dumps({"at": time.time(), "name": name, "status": status, **context}) + "\n")


class Member(HttpUser):
    """Looks around; now and then refreshes, creates, syncs, archives."""

    wait_time = between(0.5, 2.5)

    def on_start(self) -> None:
        self.client.cookies.set("sessionid", _COOKIES[next(_PEOPLE) % len(_COOKIES)])
        self.ids: list[str] = []

    @task(6)
    def look_through_the_list(self) -> None:
        query = random.choice(["", "?state=failing", "?q=desk", "?sort=label", "?page=2", "?archived=all"])
        answer = self.client.get(f"/connectors/{query}", name="list")
        self.ids = re.findall(r'data-connector-id="([^"]+)"', answer.text or "") or self.ids

    @task(3)
    def look_at_one(self) -> None:
        if self.ids:
            one = random.choice(self.ids)
            self.client.get(f"/connectors/{one}/", name="detail")
            page = random.choice(["history", "documents", "bundle"])
            self.client.get(f"/connectors/{one}/{page}/", name=page)

    @task(3)
    def look_around(self) -> None:
        page = random.choice(["/", "/errors/", "/alerts/", "/keys/", "/account/", "/bulk/", "/audit/"])
        self.client.get(page, name=page)

    @task(1)
    def export(self) -> None:
        self.client.get("/connectors/export.csv", name="export")

    @task(2)
    def refresh(self) -> None:
        if self.ids:
            one = random.choice(self.ids)
            self._send(f"/connectors/{one}/", f"/connectors/{one}/refresh/", "refresh", {})

    @task(1)
    def create(self) -> None:
        label = f"Soak {os.getpid()} {next(_LABELS)}"
        values = {"label": label, "allowed_emails": "desk@bank.example"}
        self._send("/connectors/new/email/", "/connectors/new/email/", "create", values, label=label)

    @task(1)
    def archive(self) -> None:
        if self.ids:
            address = f"/connectors/{random.choice(self.ids)}/archive/"
            self._send(address, address, "archive", {})

    def _send(self, page: str, address: str, name: str, values: dict[str, str], **context: str) -> None:
        """Fill in the form of a page and send it; who got no good answer presses the button again."""
        form = self.client.get(page, name=f"{name}: form")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.text or "")
        if token is None:
            return
        operation = re.search(r'name="operation_id" value="([^"]+)"', form.text)
        values = values | {"csrfmiddlewaretoken": token[1], "operation_id": operation[1] if operation else ""}
        for _ in range(_TRIES):
            answer = self.client.post(address, values, name=name, context=context, allow_redirects=False)
            if answer.status_code and answer.status_code < 500:
                return
            time.sleep(1)
