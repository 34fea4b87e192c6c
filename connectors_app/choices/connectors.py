"""Connectors' states.

Their order is their order of precedence: the first that fits is the connector's state.
"""

from django.db import models

from connectors_app.choices.look import Look


class State(models.TextChoices):
    """The one word that says how a connector is doing."""

    DELETING = "deleting", "Deleting"
    ARCHIVED = "archived", "Archived"
    GONE = "gone", "Gone"
    KEY_REJECTED = "key_rejected", "Key rejected"
    FAILING = "failing", "Failing"
    STALE = "stale", "Stale"
    SYNCING = "syncing", "Syncing"
    NEVER_SYNCED = "never_synced", "Never synced"
    HEALTHY = "healthy", "Healthy"

    @property
    def look(self) -> Look:
        return _STATE_LOOKS[self]

    @property
    def tone(self) -> str:
        return self.look.tone

    @property
    def icon(self) -> str:
        return self.look.icon

    @property
    def explanation(self) -> str:
        return self.look.explanation


# What somebody has to see to; where it was deleted here, Gone is what was wanted.
NEEDS_ATTENTION = (State.GONE, State.KEY_REJECTED, State.FAILING, State.STALE)

# How Gone looks where it was deleted here.
DELETED = Look("secondary", "trash", "Deleted for good, as was asked here; Bigdata.com confirms it.")

_STATE_LOOKS = {
    State.DELETING: Look("secondary", "trash", "Being deleted for good, together with its documents."),
    State.ARCHIVED: Look("secondary", "archive", "Takes in nothing more; its documents stay."),
    State.GONE: Look("danger", "ghost", "Bigdata.com no longer knows it for any of your organization's keys."),
    State.KEY_REJECTED: Look("danger", "key-off", "No working API key sees it, so this may be out of date."),
    State.FAILING: Look("danger", "alert-triangle", "Its last sync failed."),
    State.STALE: Look(
        "warning", "clock-pause", "Nothing new has come in for longer than the organization allows."
    ),
    State.SYNCING: Look("info", "refresh", "A sync was asked for; its result has not come in yet."),
    State.NEVER_SYNCED: Look("info", "hourglass", "Nothing has been taken in yet."),
    State.HEALTHY: Look("success", "circle-check", "Working as it should."),
}
