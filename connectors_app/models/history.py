"""What was seen to happen to a connector at Bigdata.com, which itself tells only the latest of it."""

from django.db import models

from connectors_app.models.connector import Connector


class SyncRun(models.Model):
    """One observed sync: the API's `last_sync_*` fields as they stood when they were newer than before."""

    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="sync_runs")
    at = models.DateTimeField()
    status = models.TextField(blank=True, default="")
    error = models.TextField(blank=True, default="")
    count = models.BigIntegerField(null=True, blank=True)
    files_count = models.BigIntegerField(null=True, blank=True)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["connector", "at"], name="sync_run_once"),)

    def __str__(self) -> str:
        return f"sync of {self.connector_id} at {self.at:%Y-%m-%d %H:%M}"


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
