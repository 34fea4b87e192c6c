"""Incidents, and how people are told of them."""

from django.db import models

from connectors_app.choices.look import Look


class IncidentKind(models.TextChoices):
    """What is wrong with a connector, or with a key."""

    FAILING = "failing", "Failing"
    STALE = "stale", "Stale"
    KEY_REJECTED = "key_rejected", "Key rejected"
    GONE = "gone", "Gone unexpectedly"
    NOT_DELETED = "not_deleted", "Deletion not finished"

    @property
    def look(self) -> Look:
        return _INCIDENT_LOOKS[self]


_INCIDENT_LOOKS = {
    IncidentKind.FAILING: Look("danger", "alert-triangle", "Its syncs fail."),
    IncidentKind.STALE: Look(
        "warning", "clock-pause", "Nothing new has come in for longer than the organization allows."
    ),
    IncidentKind.KEY_REJECTED: Look("danger", "key-off", "Bigdata.com no longer accepts a member's API key."),
    IncidentKind.GONE: Look("danger", "ghost", "It disappeared from Bigdata.com, and nobody deleted it here."),
    IncidentKind.NOT_DELETED: Look(
        "warning", "trash", "It was deleted for good more than a day ago, and Bigdata.com still has it."
    ),
}


class Ending(models.TextChoices):
    """Why an incident is over."""

    RECOVERED = "recovered", "Recovered"
    ARCHIVED = "archived", "Archived"
    DELETED = "deleted", "Deleted for good"
    STOPPED = "stopped", "No longer watched"


class EventKind(models.TextChoices):
    """What of an incident people are told. The values are part of the webhook's contract."""

    OPENED = "opened", "Opened"
    CHANGED = "changed", "Changed"
    REMINDER = "reminder", "Still open"
    CLOSED = "closed", "Closed"


class ChannelKind(models.TextChoices):
    """Where messages go."""

    EMAIL = "email", "Email"
    WEBHOOK = "webhook", "Webhook"
    SLACK = "slack", "Slack-style webhook"

    @property
    def look(self) -> Look:
        return _CHANNEL_LOOKS[self]


_CHANNEL_LOOKS = {
    ChannelKind.EMAIL: Look("secondary", "mail", "A message for people, to one address."),
    ChannelKind.WEBHOOK: Look("secondary", "webhook", "Signed JSON, for software of your own."),
    ChannelKind.SLACK: Look("secondary", "message", "A text message, for Slack and what understands the same."),
}


class DeliveryStatus(models.TextChoices):
    """How far a message is."""

    WAITING = "waiting", "Waiting"
    DELIVERED = "delivered", "Delivered"
    GIVEN_UP = "given_up", "Given up"

    @property
    def look(self) -> Look:
        return _DELIVERY_LOOKS[self]


_DELIVERY_LOOKS = {
    DeliveryStatus.WAITING: Look("info", "hourglass", "It is on its way, or will be tried again."),
    DeliveryStatus.DELIVERED: Look("success", "circle-check", "The receiver has taken it."),
    DeliveryStatus.GIVEN_UP: Look("danger", "circle-x", "It was not taken, and is not tried again by itself."),
}


class NotifyWhen(models.TextChoices):
    """How soon a member wants to hear."""

    NOW = "now", "At once"
    DAILY = "daily", "Once a day"
    NEVER = "never", "Never"
