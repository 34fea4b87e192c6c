"""What members ask of connectors."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, IntegerField, Value, When
from django.utils import timezone

from connectors_app.bigdata import Busy, NewConnector, NotFound
from connectors_app.choices import OperationKind, Outcome
from connectors_app.connector_types import ConnectorType
from connectors_app.models import ApiKey, Connector, Member, Operation
from connectors_app.services import operations, snapshots
from connectors_app.services.lost_changes import settle_lost_changes
from connectors_app.services.outcomes import ending
from connectors_app.services.upstream import KeyProblem, UpstreamError, calling, transport, usable_key_of

# A refresh is a courtesy: where all slots are taken it gives way at once and the page shows what it knows.
_REFRESH_WAIT = 0.0
# Whoever asks for the same so soon may mean the one that is there: the back button fills the form again.
_JUST = timedelta(minutes=10)


def create_connector(
    *,
    member: Member,
    operation_id: UUID,
    connector_type: ConnectorType,
    label: str,
    description: str,
    share_with_org: bool,
    config: Mapping[str, Any],
    replaces: UUID | None = None,
) -> Operation:
    """Create a connector with the member's key, once per `operation_id`. How it went is in the operation.

    `replaces` is the `connector_id` of the one whose successor it will be (see `replacing`).
    Raises KeyProblem when the member's key can't be used, ForeignOperation for somebody else's id.
    """
    api_key = usable_key_of(member)
    shared: dict[str, Any] = {"label": label, "description": description, "share_with_org": share_with_org}
    purpose = {"replaces": str(replaces)} if replaces else {}
    try:
        with calling(api_key) as client:
            operation, is_ours = operations.begin(
                operation_id=operation_id,
                actor=member,
                key_owner=member,
                kind=OperationKind.CREATE,
                connector_type=connector_type.key,
                request={**shared, **purpose, "config": connector_type.remembered(config)},
            )
            if not is_ours:
                return operation
            data = client.create_connector(NewConnector(**shared, config=connector_type.make_config(config)))
    except UpstreamError as error:
        operations.end_in_trouble(operation, error)
        return operation
    with ending():
        operations.succeed(operation, snapshots.take_one(api_key, data, asked_at=timezone.now(), is_ours=True))
        # Its first sync ends soon: look before the interval is over.
        ApiKey.objects.filter(pk=api_key.pk).update(next_poll_at=timezone.now(), last_used_at=timezone.now())
    return operation


def just_asked_for(member: Member, connector_type: ConnectorType, label: str) -> Operation | None:
    """The member's newest create of that type and label, if it is a few minutes old and has not failed."""
    creates = Operation.objects.filter(
        actor=member,
        kind=OperationKind.CREATE,
        connector_type=connector_type.key,
        created_at__gt=timezone.now() - _JUST,
        request__label=label,
    )
    return creates.exclude(outcome=Outcome.FAILED).select_related("connector").order_by("-created_at").first()


def refresh_connector(connector: Connector, *, viewer: Member) -> bool:
    """Ask for the connector now and take in the answer. Raises UpstreamError or KeyProblem.

    Returns whether it told anything new. If so, `connector` may be half of it: load it again.
    Busy changes nothing.
    """
    if transport().is_full():  # Before a key is looked for, and a call counted that can't go out.
        raise Busy
    api_key = best_key(connector, viewer)
    asked_at = timezone.now()
    is_news = True
    with calling(api_key, wait=_REFRESH_WAIT) as client:
        try:
            data = client.get_connector(connector.connector_id)
        except NotFound:
            snapshots.take_not_found(api_key, connector, asked_at=asked_at)
        else:
            is_news = not snapshots.confirm(api_key, connector, data, asked_at=asked_at)
            if is_news:
                connector = snapshots.take_one(api_key, data, asked_at=asked_at)
    return settle_lost_changes([connector], asked_at=asked_at) or is_news


def best_key(connector: Connector, viewer: Member) -> ApiKey:
    """A working key that sees the connector: the viewer's own, else its owner's, else any."""
    own: ApiKey | None = viewer.key
    if own and own.is_usable and own.sightings.filter(connector=connector).exists():
        own.organization = viewer.organization  # It is the same one, and is here already.
        return own
    owners_first = Case(
        When(member__bigdata_user_id=connector.bigdata_user_id, then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    keys = ApiKey.objects.usable().filter(connectors=connector).select_related("member", "organization")
    api_key = keys.order_by(owners_first, "created_at").first()
    if api_key is None:
        raise KeyProblem("No working API key sees this connector.")
    return api_key
