"""What the pages of bulk work share: who may ask for it, and how it begins."""

from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils.module_loading import import_string

from connectors_app.choices import BulkAction
from connectors_app.models import Bulk, Member
from connectors_app.permissions import Permission, require


def require_action(member: Member, action: BulkAction) -> None:
    """Whether the role allows the action at all; for which connectors, is asked of each."""
    if action != BulkAction.SYNC:
        require(member, Permission.CHANGE_OWN_CONNECTORS)


def start_work(bulk: Bulk) -> None:
    """As soon as it is stored; if the queue does not take it, the next tick does. Views import no tasks."""
    run_bulk = import_string("connectors_app.tasks.run_bulk")
    transaction.on_commit(partial(run_bulk, bulk.organization_id), robust=True)


def as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
