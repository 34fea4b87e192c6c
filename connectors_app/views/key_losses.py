"""What nobody looks after any more once a key is removed or disabled."""

from typing import Any

from connectors_app.models import ApiKey, Member
from connectors_app.permissions import visible_connectors
from connectors_app.services.api_keys import only_seen_by

_NAMED_AT_MOST = 20


def losses_context(member: Member, api_key: ApiKey) -> dict[str, Any]:
    """For `api_keys/_losses.html`: all are counted, the first that the member may see are named."""
    lost = only_seen_by(api_key)
    named = list(lost.filter(pk__in=visible_connectors(member).values("pk"))[:_NAMED_AT_MOST])
    count = lost.count()
    return {"lost_count": count, "lost": named, "more_lost": count - len(named)}
