"""What the demo's connectors do not show: put into the sandbox, over HTTP."""

from datetime import timedelta

import requests
from django.utils import timezone

_MANY = [f"analyst.{number}@research-{number % 7}.example" for number in range(60)]


def plant_more(url: str) -> None:
    now = timezone.now()
    began = (now - timedelta(days=30)).isoformat()
    every = {"user_id": "user_alice", "share_with_org": True, "created_at": began, "updated_at": began}
    for fields in (
        {"type": "investment_research", "label": "New broker", "config": {"user_id": "ak-2"}},
        {"type": "investment_research", "label": "Wrong broker", "config": {"user_id": "x"}, "files_count": 0},
        {"type": "teams", "label": "Team channel", "config": {"channel": "markets"}, "files_count": 0},
        {
            "type": "email",
            "label": "All that is said of shipping, ports, freight rates and insurance in the Baltic, " * 4,
            "description": "Asked for by the desk in Gdańsk 🚢 and by the one in حيفا. " * 12,
            "config": {"allowed_emails": _MANY, "email": "00aa11bb22cc@bigdata.com"},
        },
    ):
        answer = requests.post(f"{url}/__sandbox__/connectors", json=every | fields, timeout=10)
        [connector_id] = answer.json()["connector_ids"]
        if fields["type"] == "email":
            _add_documents(url, connector_id)
        elif fields["type"] == "teams":
            _plant(url, connector_id, {"count": 12})


def _add_documents(url: str, connector_id: str) -> None:
    for number, status in enumerate(("completed", "failed", "processing")):
        document = {
            "created_at": (timezone.now() - timedelta(hours=number + 1)).isoformat(),
            "file_name": f"Freight_{'very_' * 20}long_name_{number}.pdf",
            "status": status,
            "tags": [f"from:{_MANY[number]}"],
        }
        _plant(url, connector_id, document)


def _plant(url: str, connector_id: str, documents: dict[str, object]) -> None:
    requests.post(f"{url}/__sandbox__/connectors/{connector_id}/documents", json=documents, timeout=10)
