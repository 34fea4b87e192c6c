"""`manage.py sandbox`: a stand-in of the upstream API on this machine, for trying and testing."""

import signal
import threading
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connectors_app.sandbox.server import Activity, SandboxServer


class Command(BaseCommand):
    """Runs the sandbox until it is interrupted."""

    help = "Run a stand-in of the Bigdata.com Connectors API on 127.0.0.1, for trying and testing."
    requires_system_checks = ()  # it needs neither the database nor any setting

    def add_arguments(self, parser: CommandParser) -> None:
        """Where it listens, what it keeps, and how lively it is."""
        parser.add_argument("--port", type=int, default=8900, help="port on 127.0.0.1 (8900)")
        parser.add_argument(
            "--state",
            type=Path,
            default=Path("var/sandbox.sqlite3"),
            help="file it keeps (var/sandbox.sqlite3)",
        )
        parser.add_argument("--limits", action="store_true", help="enforce the published rate limits")
        parser.add_argument("--quiet", action="store_true", help="nothing happens but what is asked for")

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until SIGINT or SIGTERM."""
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        activity: Activity = "quiet" if options["quiet"] else "lively"
        try:
            server = SandboxServer(options["state"], options["port"], activity, options["limits"])
        except OSError as error:
            message = f"Cannot listen on port {options['port']}: {error.strerror}"
            raise CommandError(message) from None
        with server:
            self.stdout.write(f"Sandbox API on {server.url} (state in {options['state']})")
            self.stdout.flush()
            stop.wait()
        self.stdout.write("Sandbox stopped")
