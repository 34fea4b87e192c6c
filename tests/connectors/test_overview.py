"""The overview: how many connectors are in which state, and what to do first."""

from collections.abc import Callable

from django.test import Client
from django.utils import timezone

from connectors_app.choices import State
from connectors_app.models import ApiKey, Connector, Member
from connectors_app.sandbox import SandboxServer
from connectors_app.services.polling import poll

from .stage import text_of


def test_states_are_counted_and_lead_to_the_list(desk: Client, sandbox: SandboxServer) -> None:
    sandbox.plant(count=2)
    sandbox.plant(type="sharepoint", last_sync_status="FAILED")
    poll(ApiKey.objects.get().pk)
    page = desk.get("/")
    html = page.content.decode()
    assert "2 Healthy" in text_of(page)
    assert "1 Failing" in text_of(page)
    assert 'href="/connectors/?state=failing"' in html
    assert 'data-state="archived"' not in html
    assert html.index('data-state="failing"') < html.index('data-state="healthy"')
    assert "3 connectors. 1 needs attention . Last asked Bigdata.com: just now" in text_of(page)
    assert 'href="/connectors/?state=attention"' in html


def test_what_was_deleted_here_is_not_counted(desk: Client, sandbox: SandboxServer) -> None:
    sandbox.plant(count=3)
    poll(ApiKey.objects.get().pk)
    one, other, _ = Connector.objects.all()
    Connector.objects.filter(pk__in=[one.pk, other.pk]).update(state=State.GONE, gone_at=timezone.now())
    Connector.objects.filter(pk=one.pk).update(deletion_asked_at=timezone.now())
    assert "1 Gone" in text_of(desk.get("/"))
    assert "2 connectors." in text_of(desk.get("/"))


def test_only_what_the_member_may_see_is_counted(
    desk: Client, sandbox: SandboxServer, bob: Member, mallory: Member, signed_in: Callable[[Member], Client]
) -> None:
    sandbox.plant(count=2)
    sandbox.plant(share_with_org=True)
    poll(ApiKey.objects.get().pk)
    assert "1 connector." in text_of(signed_in(bob).get("/"))
    assert "Healthy" not in text_of(signed_in(mallory).get("/"))
    assert Connector.objects.count() == 3


def test_without_a_key_the_first_step_is_to_add_one(alice: Member, signed_in: Callable[[Member], Client]) -> None:
    page = signed_in(alice).get("/")
    assert "Add your API key first" in text_of(page)
    assert 'href="/connectors/new/"' not in page.content.decode().partition("</main>")[0]


def test_with_a_key_the_first_step_is_a_connector(desk: Client) -> None:
    page = desk.get("/")
    assert "No connectors yet" in text_of(page)
    assert 'href="/connectors/new/"' in page.content.decode()


def test_what_each_state_means_is_there_to_unfold(desk: Client, sandbox: SandboxServer) -> None:
    sandbox.plant()
    poll(ApiKey.objects.get().pk)
    for path in ("/", "/connectors/"):
        text = text_of(desk.get(path))
        assert all(f"{state.label} {state.explanation}" in text for state in State)
