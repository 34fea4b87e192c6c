"""P1, P2, P5 and P6: pages in this very process, beside what Django and requests alone would take."""

import os
import time
from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.data import COMMON_WORD, RARE_WORD, SIZES, member_of, organization_of
from bench.result import Result, side_by_side
from connectors_app.templatetags import ui

_LISTS = {
    "unfiltered": "",
    "state": "?state=healthy",
    "common word": f"?q={COMMON_WORD}",
    "rare word": f"?q={RARE_WORD}",
    "last page": "?archived=all&page=999999",
}
_PEER_LISTS = {
    "unfiltered": "",
    "state": "?state__exact=healthy",
    "common word": f"?q={COMMON_WORD}",
    "rare word": f"?q={RARE_WORD}",
    "last page": "?p={last}",
}
_MOST_GROWTH, _SHARE_OF_PEER = 1.3, 0.5
_QUERIES = {"/connectors/": 6, "": 8, "/": 8, "/errors/": 6}


def signed_in(role: str, size: int) -> Client:
    client = Client()
    client.force_login(member_of(organization_of(size), role))
    return client


def get(client: Client, url: str) -> Any:
    answer = client.get(url)
    assert answer.status_code == 200, f"{url}: {answer.status_code}"
    return answer


def list_pages(times: int = 15) -> list[Result]:
    """P1, as an admin and as an analyst."""
    results = []
    for role in ("admin", "analyst"):
        clients = {size: signed_in(role, size) for size in SIZES}
        for name, query in _LISTS.items():
            url = f"/connectors/{query}"
            taken = side_by_side(
                {str(size): lambda c=client, u=url: get(c, u) for size, client in clients.items()}, times=times
            )
            growth = taken[str(SIZES[-1])] / taken[str(SIZES[0])]
            results.append(
                Result("P1", f"{name}, {role}: 100,000 / 100", round(growth, 2), _MOST_GROWTH, detail=taken)
            )
            if role == "admin":
                results.append(_beside_peer(name, clients[SIZES[-1]], url))
    return results


def _beside_peer(name: str, client: Client, url: str) -> Result:
    last = -(-SIZES[-1] // 50)
    peer_url = "/peers/connectors_app/connector/" + _PEER_LISTS[name].format(last=last)

    def never_seen() -> None:
        ui._row.cache_clear()
        get(client, url)

    ours, peer = (lambda: get(client, url)), (lambda: get(client, peer_url))
    taken = side_by_side({"ours": ours, "peer": peer, "ours, with no row kept": never_seen}, times=7)
    share = taken["ours"] / taken["peer"]
    return Result("P1", f"{name}: ours / Django admin", round(share, 2), _SHARE_OF_PEER, detail=taken)


def queries() -> list[Result]:
    """P2, at 100,000."""
    results = []
    organization = organization_of(SIZES[-1])
    one = organization.connectors.filter(state="failing").values_list("connector_id", flat=True)[0]
    for role in ("admin", "analyst"):
        client = signed_in(role, SIZES[-1])
        for url, most in _QUERIES.items():
            path = url or f"/connectors/{one}/"
            if not url and role == "analyst":
                continue
            with CaptureQueriesContext(
                connection,
            ) as captured:
                get(client, path)
            results.append(Result("P2", f"queries of {url or 'detail'}, {role}", len(captured), most))
    return results


def live_refresh(times: int = 40) -> list[Result]:
    """P5: the dashboard's answer to a live refresh, beside a bare GET of the same connector."""
    from connectors_app.models import Member, Organization
    from connectors_app.sandbox import SandboxServer
    from connectors_app.services.api_keys import store_key

    with SandboxServer(activity="quiet") as sandbox:
        settings.BIGDATA_API_BASE_URL = sandbox.url
        settings.BIGDATA_KEY_REQUESTS_PER_MINUTE = 100_000  # A refusal is no refresh.
        sandbox.add_key("bench-refresh-key", "user_refresh")
        sandbox.plant("user_refresh", count=10, type="investment_research")
        organization = Organization.objects.create(name=f"Refresh {time.time()}")
        member = Member.objects.create_member(
            email=f"{time.time()}@bench.example", organization=organization, role="analyst"
        )
        store_key(member, "bench-refresh-key")
        client = Client()
        client.force_login(member)
        one = organization.connectors.values_list("connector_id", flat=True)[0]
        session = requests.Session()
        session.headers["X-API-KEY"] = "bench-refresh-key"

        def ours() -> None:
            answer = client.post(f"/connectors/{one}/refresh/", headers={"HX-Request": "true"})
            assert answer.status_code == 200, answer.status_code

        def bare() -> None:
            session.get(f"{sandbox.url}/contents/v1/connectors/{one}", timeout=10).json()

        sandbox.clear_requests()
        taken = side_by_side({"ours": ours, "bare": bare}, times=times)
        assert len(sandbox.requests) == 2 * (times + 1), "Each refresh asks, and once."
    return [Result("P5", "live refresh, ms", taken["ours"], round(1.2 * taken["bare"] + 15, 2), detail=taken)]


def csv_export() -> list[Result]:
    """P6: until its first byte, and how much memory it takes; beside a plain stream of one column."""
    client = signed_in("admin", SIZES[-1])
    get(client, "/connectors/export.csv").close()
    results = {}
    for name, url in {"ours": "/connectors/export.csv?archived=all", "plain": "/peers/stream/"}.items():
        before, most, size = _resident(), 0.0, 0
        began = time.perf_counter()
        chunks = iter(get(client, url).streaming_content)
        size += len(next(chunks))
        first = time.perf_counter() - began
        for number, chunk in enumerate(chunks):
            size += len(chunk)
            if number % 50 == 0:
                most = max(most, _resident() - before)
        results[name] = {
            "first byte, s": round(first, 3),
            "all, s": round(time.perf_counter() - began, 2),
            "memory, MiB": round(most, 1),
            "MiB": round(size / 2**20, 1),
        }
    return [
        Result("P6", "CSV of 100,000: first byte, s", results["ours"]["first byte, s"], 0.5, detail=results),
        Result("P6", "CSV of 100,000: memory, MiB", results["ours"]["memory, MiB"], 20, detail=results["ours"]),
    ]


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
