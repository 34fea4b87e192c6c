"""What was seen to happen to a connector at Bigdata.com, which itself tells only the latest of it."""

from django.db import models

from connectors_app.models.connector import Connector
from connectors_app.models.organization import Organization


class SyncRun(models.Model):
    """One observed sync: the API's `last_sync_*` fields as they stood when they were newer than before."""

    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="sync_runs")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="sync_runs")
    at = models.DateTimeField()
    status = models.TextField(blank=True, default="")
    error = models.TextField(blank=True, default="")
    count = models.BigIntegerField(null=True, blank=True)
    files_count = models.BigIntegerField(null=True, blank=True)
    failed = models.BooleanField(default=False)
    error_group = models.ForeignKey(
        "ErrorGroup", on_delete=models.SET_NULL, null=True, blank=True, related_name="sync_runs"
    )
    seen_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["connector", "at"], name="sync_run_once"),)
        indexes = (
            models.Index(fields=["organization", "at"], name="sync_run_newest"),
            models.Index(fields=["error_group", "at"], name="sync_run_of_group"),
        )

    def __str__(self) -> str:
        return f"sync of {self.connector_id} at {self.at:%Y-%m-%d %H:%M}"


class SyncDay(models.Model):
    """A connector's syncs of one day (UTC), in sums: what is kept of them once the runs themselves are too old."""

    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="sync_days")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="sync_days")
    day = models.DateField()
    succeeded = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    items = models.BigIntegerField(default=0)
    files_count = models.BigIntegerField(null=True, blank=True, help_text="At the end of the day.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["connector", "day"], name="sync_day_once"),)
        indexes = (models.Index(fields=["organization", "day"], name="sync_day_newest"),)

    def __str__(self) -> str:
        return f"syncs of {self.connector_id} on {self.day}"


class OutsideChange(models.Model):
    """A field that changed at Bigdata.com without an operation of ours."""

    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="outside_changes")
    field = models.CharField(max_length=50)
    before = models.JSONField()
    after = models.JSONField()
    seen_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["connector", "-seen_at"], name="outside_change_newest"),)

    def __str__(self) -> str:
        return f"{self.field} of {self.connector_id} changed outside the dashboard"
