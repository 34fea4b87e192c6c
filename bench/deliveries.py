"""Messages under fire: `python -m bench.deliveries --events 3000 --channels 2 --workers 2 --kills 20`.

Connectors fail and recover over a simulated day; real workers make messages of it and send them to webhooks, and
are killed with `kill -9` before, during and after sends. The receiver writes down everything; some of its answers
are slow, refusals, or none at all. On the database of DATABASE_URL and the Redis of REDIS_URL, or a temporary
SQLite file and queue. Prints PASS or FAIL for each promise, and exits with 1 if one fails.
"""

import argparse
import logging
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sized
from datetime import datetime, timedelta
from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from bench.processes import Workers, environment
from bench.receiver import MOMENTS, Receiver, Request

if TYPE_CHECKING:
    from connectors_app.models import ApiKey, Channel, Organization

SIGNING = "whsec_bench"
# More rounds than fit into a day would make reminders, too.
ROUNDS = 20
AT_ONCE = 15
ERRORS = ("wrong password", "session expired", "too many requests", "access denied", "not found")
_PATIENCE = 60


def make_channels(receiver: Receiver, count: int) -> "list[Channel]":
    from connectors_app.models import Channel, Organization

    organization = Organization.objects.create(
        name=f"Bench {time.time()}", alert_after_failures=1, stale_after={"sharepoint": 0}
    )
    channels = [Channel(organization=organization, kind="webhook", name=f"Channel {n}") for n in range(count)]
    for channel in channels:
        channel.seal_url(f"{receiver.url}/{channel.pk}", host="127.0.0.1")
        channel.seal_secret(SIGNING)
        channel.save()
    return channels


def live_through(organization: "Organization", count: int, began: datetime) -> None:
    """So many connectors fail and recover by turns, an hour each: every time it is told."""
    from django.utils import timezone

    from connectors_app.models import ApiKey, Member

    member = Member.objects.create(email=f"{uuid4()}@bench.example", organization=organization)
    api_key = ApiKey(member=member, organization=organization)
    # The workers have nobody to ask.
    api_key.next_poll_at = timezone.now() + timedelta(days=30)
    api_key.seal(str(member.pk))
    api_key.save()
    ids = [uuid4() for _ in range(count)]
    for number in range(ROUNDS):
        see(api_key, ids, began + timedelta(hours=number), failing=number % 2 == 0)


def see(api_key: "ApiKey", ids: list[UUID], moment: datetime, *, failing: bool) -> None:
    """What a list of that moment tells."""
    from connectors_app.bigdata import ConnectorData
    from connectors_app.services import snapshots

    told = {
        "user_id": "user_bench",
        "org_id": "org_bench",
        "type": "sharepoint",
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "config": {},
        "last_sync_at": moment.isoformat(),
        "last_sync_status": "FAILED" if failing else "SUCCESS",
    }
    errors = cycle(ERRORS if failing else [None])
    answer = [
        ConnectorData.from_json(
            told | {"connector_id": str(each), "label": str(each), "last_sync_error_msg": next(errors)}
        )
        for each in ids
    ]
    snapshots.take_list(api_key, answer, asked_at=moment)


def wait_until(done: Callable[[], bool], receiver: Receiver) -> bool:
    """What waits for another try need not wait here. Gives up after a long while without any request.

    Returns whether it is done.
    """
    from connectors_app.models import Channel

    seen, give_up = 0, 0.0
    while not done():
        if len(receiver.requests) > seen or not give_up:
            seen, give_up = len(receiver.requests), time.monotonic() + _PATIENCE
        if time.monotonic() > give_up:
            return False
        Channel.objects.filter(next_try_at__isnull=False).update(next_try_at=None)
        time.sleep(0.05)
    return True


def under_fire(receiver: Receiver, organization: "Organization", options: argparse.Namespace) -> None:
    """Write events bit by bit, and have the workers that send them killed meanwhile."""
    from django.utils import timezone

    chance = random.Random(options.seed)
    began = timezone.now() - timedelta(hours=ROUNDS + 1)
    connectors = options.events // ROUNDS
    parts = [min(AT_ONCE, connectors - first) for first in range(0, connectors, AT_ONCE)]
    for number, part in enumerate(parts, start=1):
        live_through(organization, part, began)
        for kill in range(options.kills * (number - 1) // len(parts), options.kills * number // len(parts)):
            enough = len(receiver.requests) + chance.randint(2, 2 + options.events // options.kills // 4)
            if not wait_until(partial(_has, receiver.requests, enough), receiver):
                return
            receiver.order = MOMENTS[kill % len(MOMENTS)]
            if not wait_until(partial(_has, receiver.kills, kill + 1), receiver):
                return


def _has(things: Sized, count: int) -> bool:
    return len(things) >= count


def all_told(organization: "Organization") -> bool:
    from connectors_app.models import Delivery, IncidentEvent, Notice

    return not (
        IncidentEvent.objects.filter(organization=organization, routed_at=None).exists()
        or Notice.objects.filter(channel__organization=organization, delivery=None).exists()
        or Delivery.objects.filter(channel__organization=organization).exclude(status="delivered").exists()
    )


def by_channel(requests: Iterable[Request], channels: "list[Channel]") -> Iterator[list[Request]]:
    for channel in channels:
        yield [request for request in requests if request.path == f"/{channel.pk}"]


def in_order(requests: Iterable[Request]) -> bool:
    """Of each incident, 1, 2, 3 … where its events came first."""
    told: dict[str, list[int]] = defaultdict(list)
    for request in requests:
        for event in request.events:
            if event["number"] not in told[event["id"]]:
                told[event["id"]].append(event["number"])
    return all(numbers == list(range(1, len(numbers) + 1)) for numbers in told.values())


def same_again(requests: Iterable[Request]) -> bool:
    """An event stands in one message only, and that one is the same whenever it comes."""
    bodies: dict[str, bytes] = {}
    message_of: dict[str, str] = {}
    for request in requests:
        told_in = {message_of.setdefault(event["event_id"], request.delivery) for event in request.events}
        if told_in != {request.delivery} or bodies.setdefault(request.delivery, request.body) != request.body:
            return False
    return True


def promises(receiver: Receiver, channels: "list[Channel]", options: argparse.Namespace) -> dict[str, bool]:
    """What must hold at the end, in words, and whether it does."""
    from connectors_app.models import IncidentEvent
    from connectors_app.webhooks import verify

    organization = channels[0].organization
    events = {
        str(pk) for pk in IncidentEvent.objects.filter(organization=organization).values_list("pk", flat=True)
    }
    seen = [list(each) for each in by_channel(receiver.requests, channels)]
    taken = [[request for request in each if request.taken] for each in seen]
    return {
        f"{options.events} events were written": len(events) == options.events,
        "workers were killed before, during and after sends": receiver.kills
        == [MOMENTS[kill % len(MOMENTS)] for kill in range(options.kills)],
        "every channel took every event at least once": all(
            {event["event_id"] for request in each for event in request.events} == events for each in taken
        ),
        "what came again was the same message with the same id": all(map(same_again, seen)),
        "of each incident, every channel was told in order": all(map(in_order, [*seen, *taken])),
        "every message was signed": all(
            verify(SIGNING, request.body, request.signature, now=time.time(), tolerance=3600)
            for request in receiver.requests
        ),
        "nothing is left waiting": all_told(organization),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=3000, help=f"a multiple of {ROUNDS}")
    parser.add_argument("--channels", type=int, default=2)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--lease", type=int, default=3, help="DELIVERY_LEASE, in seconds")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with environment(DELIVERY_LEASE=options.lease, WEBHOOK_ALLOWED_HOSTS="127.0.0.1"):
        run(options)


def run(options: argparse.Namespace) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    logging.disable(logging.WARNING)
    if connection.vendor == "sqlite":  # The workers may give up and come back; who drives them may not.
        connection.settings_dict["OPTIONS"]["timeout"] = _PATIENCE
    call_command("migrate", verbosity=0)
    receiver, began = Receiver(seed=options.seed), time.monotonic()
    channels = make_channels(receiver, options.channels)
    with receiver.listening():
        receiver.workers = workers = Workers(options.workers)
        try:
            under_fire(receiver, channels[0].organization, options)
            wait_until(lambda: all_told(channels[0].organization), receiver)
        finally:
            workers.stop()
    held = promises(receiver, channels, options)
    ids = {request.delivery for request in receiver.requests}
    taken = [request.delivery for request in receiver.requests if request.taken]
    print(
        f"{options.events} events in {len(ids)} messages to {options.channels} channels,"
        f" {workers.kills} kills {dict(Counter(receiver.kills))}: {time.monotonic() - began:.0f} s"
    )
    print(f"{len(receiver.requests)} requests; {len(taken) - len(set(taken))} came again although they were taken")
    print("\n".join(f"{'PASS' if kept else 'FAIL'} {promise}" for promise, kept in held.items()))
    sys.exit(not all(held.values()))


if __name__ == "__main__":
    main()
