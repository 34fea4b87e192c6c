"""Two tabs, or a double click: one key."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from connectors_app.models import ApiKey, AuditEntry
from connectors_app.services.api_keys import store_key
from tests.bigdata.servers import OK_LIST

KEY = "canary-key-sent-twice"


@pytest.mark.usefixtures("database_for_threads")
def test_a_first_key_that_is_sent_twice_at_once_is_one_key(request, upstream_at):
    alice, both_verified = request.getfixturevalue("alice"), Barrier(2)

    def answer(socket, _):
        both_verified.wait(timeout=10)
        socket.sendall(OK_LIST)

    def send(_):
        try:
            return store_key(alice, KEY, actor=alice).pk
        finally:
            connection.close()

    upstream_at(answer)
    with ThreadPoolExecutor(2) as threads:
        sent = list(threads.map(send, range(2)))
    assert sent == [ApiKey.objects.get().pk] * 2
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["keys.added", "keys.replaced"]
