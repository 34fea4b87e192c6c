"""Members' roles, and what becomes of their keys."""

from django.db import models

from connectors_app.choices.look import Look


class Role(models.TextChoices):
    """What a member may do; `permissions/` holds the rules."""

    ANALYST = "analyst", "Analyst"
    ADMIN = "admin", "Admin"
    SUPPORT = "support", "Support"

    @property
    def explanation(self) -> str:
        return _ROLE_EXPLANATIONS[self]


_ROLE_EXPLANATIONS = {
    Role.ANALYST: "Creates connectors and looks after their own; sees what is shared with the organization.",
    Role.ADMIN: "Sees and looks after every connector, every member and every key's health.",
    Role.SUPPORT: "Sees every connector and its errors and can ask for syncs; changes nothing else.",
}


class KeyStatus(models.TextChoices):
    """Whether an API key is in use."""

    WORKING = "working", "Working"
    REJECTED = "rejected", "Rejected"
    DISABLED = "disabled", "Disabled"

    @property
    def look(self) -> Look:
        return _KEY_LOOKS[self]


_KEY_LOOKS = {
    KeyStatus.WORKING: Look("success", "circle-check", "Bigdata.com accepts it."),
    KeyStatus.DISABLED: Look("secondary", "lock", "An admin has stopped its use."),
    KeyStatus.REJECTED: Look("danger", "key-off", "Bigdata.com no longer accepts it. Replace it."),
}
