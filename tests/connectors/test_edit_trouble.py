"""An edit that upstream refuses, fails or does not answer: what was typed stays, and nothing is sent twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connectors_app.choices import Outcome
from connectors_app.models import ApiKey, Operation
from tests.connectors.changing import asked, change_elsewhere, detail, form_on, fresh, opened, plant, sent, url
from tests.connectors.stage import error_at, only_operation, text_of, values_in

UPSTREAM_REFUSES_IT = "ada@bücher.example"  # An address to us; the sandbox takes ASCII only.


@pytest.fixture
def inbox(sandbox, alice_with_key):
    return plant(sandbox, alice_with_key)


@pytest.fixture
def save(desk, inbox):
    """Open the form, change something in it, send it while something is wrong upstream."""

    def send(fault="", sandbox=None, route="updateConnector", **changes):
        form = opened(desk, url(inbox, "edit"), **{"label": "Typed", **changes})
        if fault:
            sandbox.fault(route, fault)
        return desk.post(url(inbox, "edit"), form, follow=True)

    return send


@pytest.mark.parametrize("fault", ["500", "502-html", "reset-before", "malformed", "401", "404", "redirect"])
def test_what_can_not_be_read_is_not_edited(desk, inbox, sandbox, fault):
    sandbox.fault("getConnector", fault, times=0)
    page = desk.get(url(inbox, "edit"))
    assert page.status_code == 200
    assert "Try again" in text_of(page)
    assert "nothing was changed" in text_of(page)
    assert 'name="label"' not in page.content.decode()


def test_a_refusal_stands_at_its_field(desk, inbox, sandbox):
    typed = opened(desk, url(inbox, "edit"), label="Typed", allowed_emails=UPSTREAM_REFUSES_IT)
    page = desk.post(url(inbox, "edit"), form_on(desk.post(url(inbox, "edit"), typed)))
    assert "not an email address" in error_at(page, "allowed_emails")
    assert (values_in(page)["label"], values_in(page)["allowed_emails"]) == ("Typed", UPSTREAM_REFUSES_IT)
    assert only_operation().outcome == Outcome.FAILED


@pytest.mark.parametrize("fault", ["401", "404", "429"])
def test_trouble_stands_above_the_form_and_it_can_be_sent_again(desk, save, inbox, sandbox, fault):
    page = save(fault, sandbox)
    assert only_operation().message in text_of(page)
    assert values_in(page)["label"] == "Typed"
    ApiKey.objects.update(status="working")
    desk.post(url(inbox, "edit"), form_on(page))
    assert fresh(inbox).label == "Typed"
    assert sorted(Operation.objects.values_list("outcome", flat=True)) == ["failed", "succeeded"]


@pytest.mark.parametrize("fault", ["500", "401", "404", "reset-before"])
def test_when_the_reading_before_the_save_fails_nothing_is_sent(desk, inbox, sandbox, fault):
    form = opened(desk, url(inbox, "edit"), label="Typed")
    sandbox.clear_requests()
    sandbox.fault("getConnector", fault, times=0)
    page = desk.post(url(inbox, "edit"), form)
    assert values_in(page)["label"] == "Typed"
    assert 'class="alert alert-danger"' in page.content.decode()
    assert "updateConnector" not in asked(sandbox)
    assert not Operation.objects.exists()


@pytest.mark.parametrize("fault", ["500", "502-html", "503", "reset-before", "reset-after", "malformed"])
def test_a_lost_answer_leads_to_the_page_that_checks(save, sandbox, fault):
    page = save(fault, sandbox)
    assert page.redirect_chain == [(f"/operations/{only_operation().pk}/", 302)]
    assert "We are checking" in text_of(page)
    assert "whether it was changed" in text_of(page)


@pytest.mark.parametrize("fault", ["reset-after", "malformed", "truncated"])
def test_what_was_saved_all_the_same_is_found_by_looking(desk, save, inbox, sandbox, fault):
    save(fault, sandbox)
    page = desk.post(f"/operations/{only_operation().pk}/check/", follow=True)
    assert page.redirect_chain[-1] == (detail(inbox), 302)
    assert "Your changes were saved." in text_of(page)
    assert len(sent(sandbox, "updateConnector")) == 1


def test_htmx_is_led_to_the_connector_too(desk, save, inbox, sandbox):
    save("reset-after", sandbox)
    answer = desk.post(f"/operations/{only_operation().pk}/check/", headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == detail(inbox)


def test_what_was_not_saved_says_so_and_can_be_taken_up_again(desk, save, inbox, sandbox):
    save("reset-before", sandbox, share_with_org=None, description="Typed too")
    lost = only_operation()
    Operation.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    page = desk.post(f"/operations/{lost.pk}/check/", follow=True)
    assert "It was not changed" in text_of(page)
    assert "It is safe to try again" in text_of(page)
    again = f"{url(inbox, 'edit')}?again={lost.pk}"
    assert again in page.content.decode()
    assert values_in(desk.get(again))["description"] == "Typed too"
    assert len(sent(sandbox, "updateConnector")) == 1


def test_sending_the_form_again_only_shows_what_is_known(desk, inbox, sandbox):
    form = opened(desk, url(inbox, "edit"), label="Typed")
    sandbox.fault("updateConnector", "reset-after")
    desk.post(url(inbox, "edit"), form)
    assert desk.post(url(inbox, "edit"), form).url == f"/operations/{only_operation().pk}/"
    assert len(sent(sandbox, "updateConnector")) == 1


def test_looking_while_upstream_is_down_says_nothing_new(desk, save, sandbox):
    save("reset-after", sandbox)
    sandbox.fault("getConnector", "500", times=0)
    assert "We are checking" in text_of(desk.post(f"/operations/{only_operation().pk}/check/", follow=True))


def test_an_upstream_that_is_silent_is_not_waited_for(desk, inbox, sandbox, settings):
    settings.BIGDATA_READ_TIMEOUT, settings.BIGDATA_TOTAL_TIMEOUT = 0.3, 0.5
    form = opened(desk, url(inbox, "edit"), label="Typed")
    sandbox.fault("updateConnector", "latency", seconds=2)
    assert "did not answer in time" in text_of(desk.post(url(inbox, "edit"), form, follow=True))
    assert only_operation().outcome == Outcome.UNKNOWN


def test_another_form_s_typed_values_are_not_taken_up(desk, save, inbox, sandbox, alice_with_key):
    save("reset-after", sandbox)
    other = plant(sandbox, alice_with_key, label="Other")
    assert desk.get(f"{url(other, 'edit')}?again={only_operation().pk}").status_code == 404


def test_a_connector_that_went_private_is_explained(signed_in, with_key, bob, alice_with_key, sandbox):
    """Bob's key no longer sees what the snapshot still shows as his to try."""
    shared = plant(sandbox, alice_with_key, share_with_org=True)
    client = signed_in(with_key(bob))
    change_elsewhere(sandbox, shared)
    page = client.get(url(shared, "edit"))
    assert page.status_code == 200
    assert "only its owner" in text_of(page)
