"""P3 and P7: the list while upstream is slow, and what a web worker's memory does."""

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle, islice
from typing import TYPE_CHECKING

from bench.data import COMMON_WORD, SIZES, member_of, organization_of
from bench.result import Result, milliseconds, percentile
from bench.serving import browser_of, resident, serving

if TYPE_CHECKING:
    import requests

    from connectors_app.sandbox import SandboxServer

_PEOPLE, _SLOW, _BETWEEN_PRESSES = 32, 10, 3
_PAGES = (
    "/connectors/",
    f"/connectors/?q={COMMON_WORD}",
    "/connectors/?state=failing",
    "/connectors/?page=7&sort=label",
    "/",
    "/errors/",
    "/alerts/",
    "/connectors/{one}/",
    "/connectors/{one}/history/",
    "/connectors/{one}/edit/",
)


def slow_upstream(rounds: int = 3, times: int = 200) -> list[Result]:
    """P3: the list's 95th percentile while 32 people press live refresh, and without them, by turns."""
    from connectors_app.sandbox import SandboxServer

    reader = browser_of(member_of(organization_of(SIZES[-1]), "admin"))
    calm: list[float] = []
    pressed: list[float] = []
    answers: list[str] = []
    with SandboxServer(activity="quiet") as sandbox:
        people, connector_id = _people(sandbox)
        sandbox.fault("getConnector", "latency", seconds=_SLOW, times=0)
        with serving(BIGDATA_API_BASE_URL=sandbox.url) as (url, _):
            _list_times(reader, url, times)
            for _ in range(rounds):
                calm += _list_times(reader, url, times)
                with _pressing(people, f"{url}/connectors/{connector_id}/refresh/", answers):
                    pressed += _list_times(reader, url, times)
    p95 = {"with, ms": round(percentile(pressed, 0.95), 1), "without, ms": round(percentile(calm, 0.95), 1)}
    polite = sum("Showing what was known" in answer for answer in answers)
    detail = p95 | {"presses": len(answers), "busy, showing the last known": polite}
    ratio = p95["with, ms"] / p95["without, ms"]
    return [
        Result("P3", "list beside 32 refreshing people: p95 with / without", round(ratio, 2), 1.5, detail=detail),
        Result("P3", "excess refreshes answered politely", polite, 1, at_least=True),
    ]


def _people(sandbox: "SandboxServer") -> tuple[list["requests.Session"], str]:
    """Members who all see one connector, by one's key."""
    from connectors_app.models import Member, Organization
    from connectors_app.services.api_keys import store_key

    sandbox.add_key("bench-slow-key", "user_slow")
    [connector_id] = sandbox.plant("user_slow", share_with_org=True)
    organization = Organization.objects.create(name=f"Slow {time.time()}")
    members = [
        Member.objects.create_member(
            email=f"{number}@{organization.pk}.slow.example", organization=organization, role="analyst"
        )
        for number in range(_PEOPLE)
    ]
    from django.conf import settings

    settings.BIGDATA_API_BASE_URL = sandbox.url
    store_key(members[0], "bench-slow-key")
    return [browser_of(member) for member in members], connector_id


def _list_times(reader: "requests.Session", url: str, times: int) -> list[float]:
    return [milliseconds(lambda: reader.get(f"{url}/connectors/").raise_for_status()) for _ in range(times)]


@contextmanager
def _pressing(people: list["requests.Session"], url: str, answers: list[str]) -> Iterator[None]:
    """Each presses, waits for the answer, looks at it for a moment and presses again."""
    over = threading.Event()

    def press(person: "requests.Session") -> None:
        over.wait(random.uniform(0, _BETWEEN_PRESSES))
        while not over.is_set():
            # gunicorn closes a connection that waits for long.
            answers.append(
                person.post(url, headers={"HX-Request": "true", "Connection": "close"}, timeout=60).text
            )
            over.wait(random.uniform(0.5, 1.5) * _BETWEEN_PRESSES)

    with ThreadPoolExecutor(len(people)) as pool:
        pressing = [pool.submit(press, person) for person in people]
        time.sleep(_BETWEEN_PRESSES)
        yield
        over.set()
    for each in pressing:
        each.result()


def memory(pages: int = 1_000, people: int = 4) -> list[Result]:
    """P7: of one web worker, after so many pages; and by how much the last three tenths of them made it grow."""
    organization = organization_of(SIZES[1])
    one = organization.connectors.filter(state="failing").values_list("connector_id", flat=True)[0]
    urls = list(islice(cycle(_PAGES), pages))
    settled = pages * 7 // 10
    with serving(WEB_CONCURRENCY="1") as (url, gunicorn), ThreadPoolExecutor(people) as pool:
        browser = browser_of(member_of(organization, "admin"))

        def visit(path: str) -> None:
            browser.get(url + path.format(one=one), timeout=60).raise_for_status()

        at_first = resident(gunicorn)
        list(pool.map(visit, urls[:settled]))
        before = resident(gunicorn)
        list(pool.map(visit, urls[settled:]))
        after = resident(gunicorn)
    detail = {"at first, MiB": round(at_first, 1), f"after {settled}": round(before, 1)}
    return [
        Result("P7", f"web worker after {pages} pages, MiB", round(after, 1), 150, detail=detail),
        Result("P7", f"grown since page {settled}, MiB", round(after - before, 1), 3),
    ]
