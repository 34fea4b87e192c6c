"""Snapshots of upstream connectors."""

from datetime import datetime
from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.functional import cached_property

from connectors_app.choices import NEEDS_ATTENTION, State
from connectors_app.models.api_key import ApiKey
from connectors_app.models.organization import Member, Organization
from connectors_app.models.told_connector import ToldConnector

SORT_LABEL_LENGTH = 100
# State by state: SQLite finds the index for it only where the query spells it like this, and never with IN.
_NEEDS_ATTENTION = reduce(or_, (Q(state=state) for state in NEEDS_ATTENTION)) & Q(deletion_asked_at=None)


class ConnectorQuerySet(models.QuerySet["Connector"]):
    def of(self, organization: Organization) -> "ConnectorQuerySet":
        return self.filter(organization=organization)

    def own_or_shared(self, member: Member) -> "ConnectorQuerySet":
        """What an analyst may see: shared with the organization, or the member's own."""
        mine = Q(share_with_org=True)
        if member.bigdata_user_id:
            mine |= Q(bigdata_user_id=member.bigdata_user_id)
        return self.filter(mine)

    def without_deleted(self) -> "ConnectorQuerySet":
        """Without those that were deleted here for good, once the API confirms it."""
        return self.filter(Q(deletion_asked_at=None) | Q(gone_at=None))

    def needing_attention(self) -> "ConnectorQuerySet":
        """In a state that somebody has to see to, but for those that were deleted here."""
        return self.filter(_NEEDS_ATTENTION)

    def that_could_belong_to(self, member: Member) -> "ConnectorQuerySet":
        """Known to be the member's, or not known to be a colleague's while the member's key sees it.

        There is no "who am I" call (contract, quirk 13): where it can't be told, upstream decides.
        """
        if member.bigdata_user_id:
            return self.filter(bigdata_user_id=member.bigdata_user_id)
        if member.key is None:
            return self.none()
        owner = Member.objects.filter(
            organization=OuterRef("organization"), bigdata_user_id=OuterRef("bigdata_user_id")
        )
        # Colleagues who use one key are one user of Bigdata.com, even if that is known of one of them only.
        colleague = owner.exclude(api_key__fingerprint=member.key.fingerprint)
        return self.filter(sightings__api_key=member.key).exclude(Exists(colleague))


class Connector(ToldConnector):
    """Our snapshot of one upstream connector: what the API last told of it, and what we know beyond that."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="connectors")
    sort_label = models.CharField(max_length=SORT_LABEL_LENGTH, help_text="The label's beginning, for sorting.")
    predecessor = models.OneToOneField(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="successor",
        help_text="The connector whose broker credentials this one replaces.",
    )

    state = models.CharField(max_length=20, choices=State.choices, default=State.NEVER_SYNCED)
    state_since = models.DateTimeField(default=timezone.now)
    first_seen_at = models.DateTimeField(default=timezone.now)
    refreshed_at = models.DateTimeField(help_text="When an answer about it was last asked for and taken in.")
    sync_asked_at = models.DateTimeField(null=True, blank=True)
    deletion_asked_at = models.DateTimeField(null=True, blank=True)
    gone_at = models.DateTimeField(null=True, blank=True)
    newest_document_at = models.DateTimeField(
        null=True, blank=True, help_text="Of an inbox: when something last came in, as far as seen."
    )
    documents_asked_at = models.DateTimeField(
        null=True, blank=True, help_text="Of an inbox: when its newest document was last asked for."
    )
    documents_seen_at = models.DateTimeField(
        null=True, blank=True, help_text="Of an inbox: when that was last answered."
    )
    stale_at = models.DateTimeField(
        null=True, blank=True, help_text="When it becomes stale unless something new comes in."
    )
    failing_since = models.DateTimeField(
        null=True, blank=True, help_text="The first of the last syncs, all failed."
    )
    failures_in_a_row = models.PositiveIntegerField(default=0)
    error_group = models.ForeignKey(
        "ErrorGroup", on_delete=models.SET_NULL, null=True, blank=True, related_name="connectors"
    )

    seen_by = models.ManyToManyField(ApiKey, through="Sighting", related_name="connectors")

    objects = ConnectorQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["organization", "connector_id"], name="connector_identity"),
        )
        indexes = (
            # One for each sort order of the list (it is read backwards for the opposite order), …
            models.Index(fields=["organization", "created_at", "id"], name="connector_by_created"),
            models.Index(fields=["organization", "sort_label", "id"], name="connector_by_label"),
            models.Index(fields=["organization", "last_sync_at", "id"], name="connector_by_sync"),
            models.Index(fields=["organization", "files_count", "id"], name="connector_by_files"),
            # … and one for each filter.
            models.Index(fields=["organization", "state", "created_at", "id"], name="connector_state"),
            models.Index(fields=["organization", "type", "created_at", "id"], name="connector_type"),
            models.Index(fields=["organization", "bigdata_user_id", "created_at", "id"], name="connector_owner"),
            models.Index(fields=["organization", "share_with_org", "created_at", "id"], name="connector_shared"),
            models.Index(fields=["organization", "archived", "created_at", "id"], name="connector_archived"),
            models.Index(
                fields=["organization", "created_at", "id", "state", "deletion_asked_at"],
                condition=_NEEDS_ATTENTION,
                name="connector_attention",
            ),
            models.Index(fields=["stale_at"], name="connector_stale_at"),
            models.Index(fields=["error_group", "state"], name="connector_error_group"),
        )

    def __str__(self) -> str:
        return f"{self.label} ({self.connector_id})"

    @property
    def is_syncing(self) -> bool:
        """A sync was asked for; a newer result clears `sync_asked_at`."""
        return self.sync_asked_at is not None

    @property
    def is_deleted(self) -> bool:
        """Deleted for good on our asking, and the API confirms that it is gone."""
        return self.deletion_asked_at is not None and self.gone_at is not None

    def could_belong_to(self, member: Member) -> bool:
        """As `that_could_belong_to` says."""
        if member.bigdata_user_id:
            return self.bigdata_user_id == member.bigdata_user_id
        if member.pk not in self._could_belong_to:
            could = Connector.objects.filter(pk=self.pk).that_could_belong_to(member).exists()
            self._could_belong_to[member.pk] = could
        return self._could_belong_to[member.pk]

    def note_could_belong_to(self, member: Member, could: bool) -> None:
        """Who asks for many at once tells each, so that none asks for itself."""
        self._could_belong_to[member.pk] = could

    @cached_property
    def _could_belong_to(self) -> dict[int, bool]:
        """By member. A page asks for every action."""
        return {}

    @property
    def has_taken_anything_in(self) -> bool:
        """An inbox has no syncs: unless the API counts its files as none, mail may well have come in."""
        if self.type == "email":
            return self.files_count != 0
        return self.last_sync_at is not None

    def is_stale(self, *, now: datetime) -> bool:
        return self.stale_at is not None and self.stale_at <= now

    def derive_state(self, *, seen_by_working_key: bool, now: datetime) -> State:
        """The state that the snapshot's facts add up to at `now`, in `State`'s order of precedence."""
        facts = (
            (State.DELETING, self.deletion_asked_at is not None and self.gone_at is None),
            (State.ARCHIVED, self.archived and not self.is_deleted),
            (State.GONE, self.gone_at is not None),
            (State.KEY_REJECTED, not seen_by_working_key),
            (State.FAILING, self.last_sync_failed),
            (State.STALE, self.is_stale(now=now)),
            (State.SYNCING, self.is_syncing),
            (State.NEVER_SYNCED, not self.has_taken_anything_in),
        )
        return next((state for state, holds in facts if holds), State.HEALTHY)

    def settle_state(self, *, seen_by_working_key: bool, now: datetime) -> bool:
        """Bring `state` up to date. Returns whether it changed; `save()` is the caller's."""
        state = self.derive_state(seen_by_working_key=seen_by_working_key, now=now)
        if state == self.state:
            return False
        self.state, self.state_since = state, now
        return True
