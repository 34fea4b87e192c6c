"""Two web processes on one database: what one has counted or ended, the other knows."""

import os
import re
from contextlib import ExitStack

import pytest
import requests
from django.conf import settings

from tests.account.signing_in import LOGIN
from tests.conftest import PASSWORD
from tests.serving import Serving, free_port, fresh_database, manage

SET_UP = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("create_organization", "Northwind Research")
for name in ("alice", "bob", "carol"):
    call_command("create_member", f"{name}@example.com", organization="Northwind Research", role="analyst")
"""
DEACTIVATE = """
from connectors_app.models import Member
Member.objects.filter(email="carol@example.com").update(is_active=False)
"""


class Dashboard:
    """Two processes that serve one dashboard."""

    def __init__(self, ports, environment):
        self.urls = [f"http://127.0.0.1:{port}" for port in ports]
        self.environment = environment

    def sign_in(self, process, name, password=PASSWORD):
        """A fresh browser that tries it at one of the processes; the answer's status and the browser."""
        browser = requests.Session()
        url = self.urls[process] + LOGIN
        token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', browser.get(url).text)[1]
        fields = {"csrfmiddlewaretoken": token, "login": f"{name}@example.com", "password": password}
        answer = browser.post(url, fields, headers={"Origin": self.urls[process]}, allow_redirects=False)
        return answer.status_code, browser

    def lets_in(self, process, session):
        url, cookies = self.urls[process] + "/", {"sessionid": session}
        return requests.get(url, cookies=cookies, allow_redirects=False, timeout=30).status_code == 200


@pytest.fixture(scope="module", params=["database", "redis"])
def dashboard(request, tmp_path_factory, worker_id):
    if request.param == "redis" and not settings.REDIS_URL:
        pytest.skip("TEST_REDIS_URL is not set.")
    folder, ports = tmp_path_factory.mktemp("processes"), [free_port(), free_port()]
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "DATABASE_URL": fresh_database(folder, "processes", worker_id),
        "REDIS_URL": settings.REDIS_URL if request.param == "redis" else "",
        "MEMBER_PASSWORD": PASSWORD,
        "REQUIRE_MFA": "none",
        "WEB_CONCURRENCY": "1",
    }
    manage("shell", "--no-imports", "-c", SET_UP, environment=environment)
    with ExitStack() as stack:
        log = stack.enter_context((folder / "web.log").open("w"))
        for port in ports:
            origin = {"SITE_URL": f"http://127.0.0.1:{port}"}
            stack.enter_context(Serving(port, environment | origin, log))
        yield Dashboard(ports, environment)


def test_guesses_are_counted_whoever_answers(dashboard):
    guesses = [dashboard.sign_in(number % 2, "alice", "wrong")[0] for number in range(7)]
    assert guesses == [200] * 5 + [429] * 2
    assert [dashboard.sign_in(process, "alice")[0] for process in (0, 1)] == [429, 429]


def test_a_session_that_ends_at_one_is_dead_at_the_other(dashboard):
    _, browser = dashboard.sign_in(0, "bob")
    session = browser.cookies["sessionid"]
    assert dashboard.lets_in(1, session)
    token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}
    browser.post(f"{dashboard.urls[0]}/account/logout/", token, headers={"Origin": dashboard.urls[0]})
    assert not dashboard.lets_in(1, session)


def test_who_is_deactivated_is_out_at_both(dashboard):
    session = dashboard.sign_in(1, "carol")[1].cookies["sessionid"]
    assert dashboard.lets_in(0, session)
    manage("shell", "--no-imports", "-c", DEACTIVATE, environment=dashboard.environment)
    assert [dashboard.lets_in(process, session) for process in (0, 1)] == [False, False]
