"""Connecting to the address that was checked, and no other."""

from typing import Any
from urllib.parse import urlsplit

import requests
from requests_hardened.ip_filter_adapter import IPFilterAdapter

from connectors_app.http.deadline import DeadlineAdapter

from .addresses import check_address, check_every_address


class PinnedAdapter(IPFilterAdapter, DeadlineAdapter):
    """An adapter for public https addresses, whose connections keep to the deadline.

    requests-hardened puts the address that it found into the connection, so that nothing is looked up after the
    check, and leaves the name to the Host header and the certificate. It looks at the first address only, and lets
    some networks through: hence every address is checked before, and the one it took once more.
    """

    def __init__(self) -> None:
        super().__init__(is_https_proto=True)  # type: ignore[call-arg]  # (it has no types)

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: bool | str, cert: Any = None
    ) -> tuple[Any, Any]:
        """Return where to connect to, checked; called by requests. Refused, or what the lookup raises."""
        parts = urlsplit(str(request.url))
        check_every_address(str(parts.hostname), parts.port or 443)
        place, settings = super().build_connection_pool_key_attributes(request, verify, cert)
        check_address(place["host"].strip("[]"))
        return place, settings
