"""Adding, replacing and removing a member's API key."""

from django.db import transaction
from django.utils import timezone

from connectors_app.choices import KeyStatus
from connectors_app.models import ApiKey, Connector, Member
from connectors_app.services import snapshots
from connectors_app.services.upstream import client_for_value


def store_key(member: Member, value: str) -> ApiKey:
    """Verify the key with Bigdata.com (a list call: there is no "who am I"), then keep it encrypted.

    Replaces the member's key if there is one. The list that proved it is taken in at once, so that the
    member's connectors are there. Raises UpstreamError, and then nothing was changed.
    """
    asked_at = timezone.now()
    client = client_for_value(value)
    answer = client.list_connectors()
    with transaction.atomic():
        api_key = ApiKey.objects.select_for_update().filter(member=member).first()
        if api_key is None:
            api_key = ApiKey(member=member, organization=member.organization)
        is_other_value = api_key.ciphertext != "" and not api_key.holds(value)
        api_key.seal(value)
        api_key.status, api_key.rejected_at = KeyStatus.WORKING, None
        api_key.verified_at = api_key.last_used_at = api_key.last_polled_at = asked_at
        api_key.last_poll_error = ""
        api_key.answered_by_sandbox = bool(client.answered_by_sandbox)
        api_key.save()
        if is_other_value:
            _forget_what_the_old_key_told(api_key)
        snapshots.take_list(api_key, answer, asked_at=asked_at)
        snapshots.settle_states_of(api_key, now=asked_at)
    return api_key


def remove_key(member: Member) -> None:
    """Forget the member's key. What only it could see stays listed, as "Key rejected"."""
    with transaction.atomic():
        api_key = ApiKey.objects.select_for_update().filter(member=member).first()
        if api_key is None:
            return
        seen = list(Connector.objects.filter(sightings__api_key=api_key))
        api_key.delete()
        snapshots.settle_states(seen, now=timezone.now())


def _forget_what_the_old_key_told(api_key: ApiKey) -> None:
    """Another key may be another Bigdata.com user's: who sees what must be found out anew."""
    seen = list(Connector.objects.filter(sightings__api_key=api_key))
    api_key.sightings.all().delete()
    snapshots.remember_identity(api_key.member, "")
    snapshots.settle_states(seen, now=timezone.now())
