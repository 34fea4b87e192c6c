from django.apps import AppConfig
from django.conf import settings


class ConnectorsAppConfig(AppConfig):
    name = "connectors_app"
    verbose_name = "Connectors"

    def ready(self) -> None:
        from connectors_app import checks  # noqa: F401, PLC0415  (registers the system checks)
        from connectors_app.telemetry import error_reporting  # noqa: PLC0415

        if settings.SENTRY_DSN:
            error_reporting.start(settings.SENTRY_DSN, release=settings.VERSION)
