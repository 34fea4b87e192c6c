"""A webhook's address and the secret of its signatures: shown once or never, and kept nowhere but encrypted."""

import re
import time

import pytest

from connectors_app.choices import AuditAction
from connectors_app.models import AuditEntry, Channel, Member
from connectors_app.services.alerts.delivery import deliver
from connectors_app.webhooks import verify
from tests.abuse.listening import listener
from tests.alerts.channels import CHANNELS, NEW, make_delivery, recorded
from tests.bigdata.conftest import serve
from tests.webhooks.conftest import NAME, answering

__all__ = ["listener", "serve"]
MALFORMED = b"HTTP/1.1 200 OK\r\n: no name\r\nno colon\r\n\r\n"
ADDRESS = "canary-71c0de-address"
SECRET = re.compile(r"data-copy-value>(whsec_[\w-]{43})<")


@pytest.fixture
def admin(adam, signed_in):
    return signed_in(adam)


def add(client, receiver, kind="webhook", **more):
    return client.post(f"{NEW}{kind}/", {"name": "Ours", "url": f"{receiver.server.url}/{ADDRESS}"} | more)


def secret_in(answer):
    [secret] = SECRET.findall(answer.text)
    return secret


def signed_with(secret, request):
    head, _, body = request.partition(b"\r\n\r\n")
    [header] = re.findall(r"(?m)^X-Signature: (\S+)", head.decode())
    return verify(secret, body, header, now=time.time())


def test_the_secret_that_is_shown_signs_what_is_sent(admin, receiver):
    secret = secret_in(add(admin, receiver))
    channel = Channel.objects.get()
    make_delivery(channel)
    assert deliver(channel.pk) == 1
    [request] = receiver.server.requests
    assert signed_with(secret, request)


def test_a_renewed_secret_takes_the_place_of_the_old_one(admin, adam, receiver):
    old = secret_in(add(admin, receiver))
    path = f"{CHANNELS}{Channel.objects.get().pk}"
    assert "whsec_" not in admin.get(f"{path}/secret/").text
    admin.post(f"{path}/test/")
    new = secret_in(admin.post(f"{path}/secret/"))
    admin.post(f"{path}/test/")
    before, after = receiver.server.requests
    assert [signed_with(old, before), signed_with(old, after), signed_with(new, after)] == [True, False, True]
    told = recorded(AuditAction.CHANNEL_CHANGED)
    assert told == [(adam, "Ours", {"changes": {"secret": ["•••", "renewed"]}})]


@pytest.mark.parametrize("kind", ["email", "slack"])
def test_only_webhooks_have_a_secret(admin, receiver, make_channel, kind):
    channel = make_channel(kind, url=receiver.url)
    before = channel.secret_ciphertext
    assert "secret/" not in admin.get(f"{CHANNELS}{channel.pk}/").text
    assert [getattr(admin, verb)(f"{CHANNELS}{channel.pk}/secret/").status_code for verb in ("get", "post")] == [
        404,
        404,
    ]
    channel.refresh_from_db()
    assert channel.secret_ciphertext == before


def test_the_page_with_the_secret_is_kept_by_no_cache(admin, receiver):
    assert add(admin, receiver).headers["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize("status", [200, 410, 503])
def test_09_neither_address_nor_secret_is_heard_anywhere(listener, signed_in, adam, receiver, status):
    """Of channels that are mistyped, tested, added, changed, renewed, sent to and removed."""
    browser = signed_in(adam, listener.browser())
    listener.secrets.append(ADDRESS)
    receiver.status = status
    for kind in ("slack", "webhook"):
        for path in (f"{CHANNELS}test/{kind}/", f"{NEW}{kind}/"):
            for url in (f"http://10.0.0.1/{ADDRESS}", f"https://{NAME}:99999/{ADDRESS}", f"ftp:{ADDRESS}"):
                browser.post(path, {"name": "Ours", "url": url})
        browser.post(f"{CHANNELS}test/{kind}/", {"url": f"{receiver.server.url}/{ADDRESS}"})
        add(browser, receiver, kind, name="")
    with listener.shown_on_purpose():
        listener.secrets.append(secret_in(add(browser, receiver)))
    add(browser, receiver, "slack", name="Other")
    for channel in Channel.objects.all():
        path = f"{CHANNELS}{channel.pk}/"
        for url in (f"http://10.0.0.1/{ADDRESS}", f"{receiver.server.url}/{ADDRESS}"):
            browser.post(path, {"name": channel.name, "url": url, "is_enabled": "on"})
        make_delivery(channel)
        deliver(channel.pk)
        browser.post(f"{path}test/")
        with listener.shown_on_purpose():
            renewed = SECRET.findall(browser.post(f"{path}secret/").text)
        listener.secrets += renewed
        for page in (
            path,
            f"{path}?confirm=1",
            f"{path}secret/",
            f"{path}remove/",
            f"{NEW}slack/",
            CHANNELS,
            "/audit/",
        ):
            browser.get(page)
        browser.post(f"{path}remove/")
    for page in (CHANNELS, "/audit/", "/audit/export.csv", "/"):
        browser.get(page)
    assert len(listener.secrets) == 3
    assert any(ADDRESS.encode() in request for request in receiver.server.requests)


def test_09_an_answer_that_nobody_can_read_gives_no_address_away(admin, serve, settings, caplog):
    settings.WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]
    server = serve(answering(MALFORMED))
    admin.post(f"{CHANNELS}test/slack/", {"url": f"{server.url}/{ADDRESS}"})
    assert ADDRESS.encode() in server.requests[0]
    assert ADDRESS not in caplog.text


def test_03_wishes_on_the_forms_of_channels_are_ignored(admin, adam, mallory, receiver):
    """A channel is one's own organization's and no member's, whatever is posted with it."""
    wishes = {"organization": mallory.organization_id, "organization_id": mallory.organization_id}
    wishes |= dict.fromkeys(("member", "member_id", "owner", "actor"), mallory.pk)
    wishes |= {"kind": "email", "email": "eve@example.com", "url_host": "eve.example", "id": mallory.pk}
    answer = admin.post(f"{NEW}webhook/", wishes | {"name": "Ours", "url": receiver.url})
    channel = Channel.objects.get()
    admin.post(f"{CHANNELS}{channel.pk}/", wishes | {"name": "Renamed", "is_enabled": "on"})
    channel.refresh_from_db()
    assert secret_in(answer)
    assert (channel.organization, channel.member, channel.kind) == (adam.organization, None, "webhook")
    assert (channel.name, channel.email, channel.url_host) == ("Renamed", "", receiver.server.url[7:])


def test_01_nobody_of_another_organization_can_be_chosen_as_owner(admin, mallory, receiver):
    answer = add(admin, receiver, owners=[mallory.pk])
    assert "is not one of the available choices" in answer.text
    assert "mallory@" not in answer.text
    assert not Channel.objects.exists()


@pytest.mark.parametrize("page", ["", "test/", "secret/", "remove/"])
def test_01_a_members_own_channel_is_none_of_the_organizations(admin, make_channel, alice, page):
    channel = make_channel(member=alice)
    assert {getattr(admin, verb)(f"{CHANNELS}{channel.pk}/{page}").status_code for verb in ("get", "post")} <= {
        404,
        405,
    }
    assert "data-channel" not in admin.get(CHANNELS).text
    assert AuditEntry.objects.filter(
        action=AuditAction.REFUSED_NOT_THEIRS, actor__email="adam@example.com"
    ).exists()
    assert Member.objects.get(pk=alice.pk).notifications == channel


def test_01_a_members_own_mail_is_not_sent_again_by_an_admin(admin, make_channel, alice):
    delivery = make_delivery(make_channel(member=alice), "given_up")
    assert admin.post(f"/alerts/deliveries/{delivery.pk}/replay/").status_code == 404
    delivery.refresh_from_db()
    assert delivery.status == "given_up"
