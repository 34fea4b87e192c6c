"""What must be so after the soak: nothing lost, nothing twice, whatever was killed meanwhile."""

from collections import Counter
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from connectors_app.sandbox import SandboxServer


def promises(sandbox: "SandboxServer", answers: list[dict[str, Any]]) -> dict[str, bool]:
    """In words, and whether it holds. Everything is asked for once more first, so that what is still due is in."""
    from django.core.management import call_command
    from django.db import close_old_connections
    from django.db.models import Count

    from connectors_app.models import ApiKey, Connector, Operation, SyncRun

    close_old_connections()
    call_command("poll", "--once")
    upstream = _upstream(sandbox)
    labels = Counter(each["label"] for each in upstream.values() if each["label"].startswith("Soak "))
    asked = {each["label"] for each in answers if each["name"] == "create" and each["status"] == 302}
    ours = {str(each.connector_id): each for each in Connector.objects.all()}
    doubled = SyncRun.objects.values("connector", "at").annotate(times=Count("pk")).filter(times__gt=1)
    seen = set(SyncRun.objects.values_list("connector__connector_id", "at"))
    synced = {(each.connector_id, each.last_sync_at) for each in ours.values() if each.last_sync_at}
    once = max(labels.values(), default=0) == 1 and asked <= set(labels)
    return {
        f"each of {len(asked)} creates is one connector": once,
        f"all of {len(upstream)} connectors are known here, and no others": set(upstream) == set(ours),
        "no sync run is there twice": not doubled.exists(),
        "every last sync is a sync run": synced <= seen,
        "no operation was left without an outcome": not Operation.objects.filter(outcome="pending").exists(),
        "every key was polled with success": not ApiKey.objects.exclude(last_poll_error="").exists(),
        "the audit trail's chains hold": _trail_holds(),
    }


def _upstream(sandbox: "SandboxServer") -> dict[str, dict[str, Any]]:
    from connectors_app.models import ApiKey

    found: dict[str, dict[str, Any]] = {}
    for number in range(ApiKey.objects.count()):
        key = {"X-API-KEY": f"bench-key-number-{number:06}"}
        for _ in range(100):
            answer = requests.get(f"{sandbox.url}/contents/v1/connectors", headers=key, timeout=30)
            if answer.status_code == 200:
                break
            sandbox.clear_requests()
        found |= {each["connector_id"]: each for each in answer.json()["results"]}
    return found


def _trail_holds() -> bool:
    from django.core.management import CommandError, call_command

    try:
        call_command("verify_audit")
    except CommandError as error:
        print(error)
        return False
    return True
