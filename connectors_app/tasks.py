"""Thin Huey tasks: each calls one service function. What is due stands in the database, not in the queue."""

import math
import threading
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone
from huey import crontab
from huey.api import Task
from huey.contrib.djhuey import HUEY, db_periodic_task, db_task

from connectors_app.permissions import may_change, may_see
from connectors_app.services import (
    audit,
    bulk,
    bulk_work,
    inboxes,
    mail,
    password_resets,
    polling,
    retention,
    sessions,
    stale_limits,
)
from connectors_app.services.alerts import delivery, forgetting, upkeep
from connectors_app.telemetry import context

_TICKS_A_MINUTE = 60 // polling.tick_seconds()
_SENDINGS_A_MINUTE = 6
_LOST_AFTER = timedelta(seconds=30)
# What somebody waits for goes before the polls that a tick has queued, and so does the next tick.
_AT_ONCE, _SOON = 20, 10
_sending = threading.Lock()


@HUEY.pre_execute()
def name_the_task(task: Task) -> None:
    """What it logs can be told from what others do at the same time."""
    task.scope = context.being_about(task=task.name, task_id=task.id)
    task.scope.__enter__()


@HUEY.post_execute()
def leave_the_task(task: Task, *_: object) -> None:
    task.scope.__exit__(None, None, None)


@db_task()
def poll_key(key_id: str, lease_until: str) -> None:
    polling.poll(UUID(key_id), lease_until=datetime.fromisoformat(lease_until))


@db_task(priority=_SOON)
def poll_due_keys() -> None:
    claims, more = polling.tick(now=timezone.now())
    for claim in claims:
        poll_key(str(claim.key_id), claim.lease_until.isoformat())
    if more:
        poll_due_keys.schedule(delay=1)


@db_periodic_task(crontab(minute="*"))
def tick() -> None:
    """Safe to run anywhere any number of times. Short intervals get several ticks a minute."""
    for number in range(_TICKS_A_MINUTE):
        poll_due_keys.schedule(delay=number * 60 // _TICKS_A_MINUTE)


@db_periodic_task(crontab(minute="*"))
def look_after_states() -> None:
    """What time alone changes; and the inboxes that were not looked at for long."""
    now = timezone.now()
    stale_limits.settle_stale(now=now)
    inboxes.look_at_inboxes(now=now)


@db_periodic_task(crontab(minute="*"))
def look_after_incidents() -> None:
    upkeep.look_after(now=timezone.now())
    for number in range(_SENDINGS_A_MINUTE):
        send_messages.schedule(delay=number * 60 // _SENDINGS_A_MINUTE)


@db_task()
def send_messages() -> None:
    """One at a time in each worker: receivers that do not answer must not keep it from polling."""
    if not _sending.acquire(blocking=False):
        return
    try:
        upkeep.make_messages(now=timezone.now(), may_see=may_see)
        more = delivery.deliver_due()
    finally:
        _sending.release()
    if more:
        send_messages()


@db_periodic_task(crontab(hour="3", minute="10"))
def forget_what_is_old() -> None:
    retention.sum_up_old_runs(now=timezone.now())
    forgetting.forget_old_messages(now=timezone.now())
    sessions.forget_over(now=timezone.now())


@db_task()
def run_bulk(organization_id: int) -> None:
    """A turn of the organization's bulk work, then the next when the pace allows it."""
    seconds = bulk_work.take_turn(organization_id, may_change=may_change)
    if seconds is not None:
        run_bulk.schedule((organization_id,), delay=max(1, math.ceil(seconds)))


@db_periodic_task(crontab(minute="*"))
def look_after_bulks() -> None:
    """Note how lost answers ended, and go on with what a dead worker or a lost queue left behind."""
    bulk.settle_checked()
    for organization_id in bulk_work.waiting_since(timezone.now() - _LOST_AFTER):
        run_bulk(organization_id)


@db_task(retries=5, retry_delay=60, priority=_AT_ONCE)
def send_password_reset(email: str, address: str | None) -> None:
    """Somebody at this IP address asked for a link to choose a new password."""
    with audit.coming_from(address):
        password_resets.send_link(email)


@db_task(retries=5, retry_delay=60, priority=_AT_ONCE)
def send_mail(to: str, subject: str, text: str) -> None:
    mail.send(to=to, subject=subject, text=text)


@HUEY.on_startup()
def poll_at_once() -> None:
    """A fresh worker need not wait for the minute to turn."""
    poll_due_keys()


@HUEY.on_startup()
def send_at_once() -> None:
    """Nor need the messages that a dead one has left behind."""
    send_messages()
