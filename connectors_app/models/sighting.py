"""Which key sees which connector."""

from django.db import models
from django.utils import timezone

from connectors_app.models.api_key import ApiKey
from connectors_app.models.connector import Connector


class Sighting(models.Model):
    """A key can see a connector. `listed` is false while only asking by id still finds it."""

    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="sightings")
    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="sightings")
    listed = models.BooleanField(default=True)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["api_key", "connector"], name="sighting_once"),)

    def __str__(self) -> str:
        return f"{self.api_key_id} sees {self.connector_id}"
