from django.apps import AppConfig


class ConnectorsAppConfig(AppConfig):
    name = "connectors_app"
    verbose_name = "Connectors"

    def ready(self) -> None:
        from connectors_app import checks  # noqa: F401, PLC0415  (registers the system checks)
