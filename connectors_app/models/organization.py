"""Organizations and their members."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone

from connectors_app.choices import Role


class Organization(models.Model):
    """A tenant: nothing of it is ever shown to another."""

    name = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    stale_after = models.JSONField(
        blank=True, default=dict, help_text="By connector type: days without anything new; 0 means never stale."
    )

    alert_after_failures = models.PositiveSmallIntegerField(
        default=2,
        db_default=2,
        help_text="So many failed syncs in a row make an incident; of a rejected login, one does.",
    )

    def __str__(self) -> str:
        return self.name

    @classmethod
    def lock(cls, organization_id: int) -> "Organization":
        """Its row, which until the transaction ends is nobody else's: what spans its rows goes one at a time.

        Rows that point to it can still be written meanwhile (`no_key`, as wherever a row is locked that others
        point to): else who is about to, and holds a lock that we wait for, would wait for us.
        """
        return cls.objects.select_for_update(no_key=True).get(pk=organization_id)


class MemberManager(BaseUserManager["Member"]):
    def create_member(
        self, *, email: str, organization: Organization, role: str, password: str | None = None
    ) -> "Member":
        """A member who can sign in with `password`; without one, only after setting one."""
        member = self.model(email=email.strip().lower(), organization=organization, role=role)
        member.set_password(password)
        member.full_clean(exclude=["password"])
        member.save(using=self._db)
        return member

    def get_by_natural_key(self, username: str | None) -> "Member":
        return self.get(email__iexact=username)


class Member(AbstractBaseUser):
    """A user in one organization, with one role."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="members")
    email = models.EmailField(unique=True)
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.ANALYST)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text="An operator: may read the back office.")
    time_zone = models.CharField(max_length=64, blank=True, default="", help_text="Empty: the browser's.")
    created_at = models.DateTimeField(default=timezone.now)
    deactivated_at = models.DateTimeField(null=True, blank=True)
    bigdata_user_id = models.CharField(
        max_length=255,
        blank=True,
        default="",
        help_text="Who the member is at Bigdata.com; known once evidence tells (there is no 'who am I' call).",
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["organization"]

    objects = MemberManager()

    class Meta:
        indexes = (models.Index(fields=["organization", "bigdata_user_id"], name="member_bigdata_user"),)

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.lower()
        super().save(*args, **kwargs)

    def get_role(self) -> Role:
        return Role(self.role)

    @property
    def key(self) -> Any:
        """The member's API key, or None."""
        return getattr(self, "api_key", None)
