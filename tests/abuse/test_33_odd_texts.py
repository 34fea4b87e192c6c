"""Texts that trip up careless programs: in every field of every form, in every address, and from upstream.

What becomes of them in the fields of a create is in tests/connectors/test_label.py and test_senders.py.
"""

from urllib.parse import urljoin
from uuid import uuid4

import pytest
from django.test import Client

from connectors_app.choices import Outcome
from connectors_app.models import Connector, Operation
from connectors_app.services.invitations import invite
from tests.abuse.conftest import belongings
from tests.abuse.evil import messages_about_it
from tests.abuse.form_fields import Form, forms_on
from tests.access.test_matrix import ALL_PAGES
from tests.alerts import conftest as of_alerts
from tests.connectors.changing import BROKER, asked, fresh, opened, plant, url
from tests.connectors.stage import error_at, text_of, values_in

make_channel = of_alerts.make_channel
NUL, LONG, SIGNS = "a\0b", "x" * 5000, "📈🧑\u200d🔬 \u202eمكتب\u202c \ufdd0"
# In `known` the security key is a made-up one, which allauth can't read.
NEED_A_REAL_KEY = ("mfa_add_webauthn", "mfa_reauthenticate_webauthn")
SENDERS = [f"analyst{number}@desk.example" for number in range(10_000)]
FAILED = {
    "last_sync_status": "FAILED",
    "last_sync_error_msg": "Login refused",
    "last_sync_at": "2026-03-01T09:00:00Z",
}


@pytest.fixture
def known(sandbox, adam, with_key, make_channel):
    """What pages are about, by the name of the parameter; all of it Adam's, whose connector fails."""
    with_key(adam)
    known = belongings(adam, plant(sandbox, adam, **BROKER, **FAILED))
    known["email_channel"] = make_channel().pk
    known["inbox"] = plant(sandbox, adam).connector_id
    link = invite(organization=adam.organization, email="eve@example.com", role="analyst").link
    return known | {"token": link.rstrip("/").rpartition("/")[2]}


def addresses(known):
    """Of every page, and of those that look different about another thing of the same kind."""
    yield from (page.url(**known) for page in ALL_PAGES if page.name not in NEED_A_REAL_KEY)
    for parameter, others in {
        "connector_id": [known["inbox"]],
        "channel_id": [known["email_channel"]],
        "type_key": ["investment_research", "sharepoint"],
        "kind": ["webhook", "slack"],
    }.items():
        pages = [page for page in ALL_PAGES if parameter in page.parameters]
        yield from (page.url(**known | {parameter: other}) for page in pages for other in others)


@pytest.fixture
def forms(admin, desk, known):
    """Each form in which one can type, once: who has it (an admin, Alice or a visitor), where, and the form."""
    visited = ["/account/login/", "/account/password/reset/", f"/invitations/{known['token']}/"]
    places = [(admin, address) for address in addresses(known)] + [(desk, "/account/2fa/webauthn/add/")]
    found = {}
    for client, address in places + [(Client(), address) for address in visited]:
        page = client.get(address)
        if page.status_code == 200 and page.headers["Content-Type"].startswith("text/html"):
            for form in forms_on(page):
                target = urljoin(address, form.action).partition("?")[0]
                found.setdefault((target, form.method, *form.texts), (client, target, form))
    return [each for each in found.values() if each[2].texts]


def sent_with(client: Client, target: str, form: Form, **typed: str):
    """The form sent as a new one, with this typed into it."""
    anew = {name: str(uuid4()) for name in ("operation_id", "invitation_id", "bulk_id") if name in form.fields}
    return getattr(client, form.method)(target, form.fields | anew | typed)


def test_33_every_form_takes_a_text_or_says_beside_its_field_why_not(forms):
    fields = {name for *_, form in forms for name in form.texts}
    assert {"label", "description", "allowed_emails", "user_id", "user_password", "session_id", "q"} <= fields
    assert {"reason", "file_name", "name", "email", "url", "api_key", "time_zone", "login", "password"} <= fields
    assert len(forms) > 30
    for client, target, form in forms:
        for name in form.texts:
            refused = sent_with(client, target, form, **{name: NUL})
            assert refused.status_code in (200, 400), target
            assert form.method == "get" or error_at(refused, name), f"{target} says nothing of {name}"
            for text in (LONG, SIGNS):
                page = sent_with(client, target, form, **{name: text})
                if page.status_code == 302:
                    page = client.get(page.url)
                assert page.status_code in (200, 400, 404), target  # An invitation is accepted only once.


# Each name that is looked for in an address or a form, with what is the worst for it.
WORST = dict.fromkeys(("page", "candidate", "actor", "key_owner", "round", "per_page", "days"), "9" * 5000)
WORST |= dict.fromkeys(("before", "until", "version", "after", "from", "to"), "0001-01-01T00:00:00+14:00")
WORST |= dict.fromkeys(("q", "kind", "sort", "file_name", "period", "owner", "type", "state", "target"), NUL)
WORST |= dict.fromkeys(("again", "health", "action", "group", "result", "cause", "shared", "archived"), NUL)
WORST |= dict.fromkeys(("operation_id", "bulk_id", "item", "invitation_id", "all_matching", "connectors"), NUL)
WORST |= {"next": "²", "connector": NUL, "now": "1", "theme": NUL, "confirm": NUL, "confirmed": NUL}


@pytest.fixture
def open_choice(known):
    """Adam's create, of which he has to say what came of it."""
    operation = Operation.objects.get(pk=known["operation_id"])
    Operation.objects.update(outcome=Outcome.UNKNOWN)
    operation.candidates.add(Connector.objects.get(connector_id=known["connector_id"]))


@pytest.mark.usefixtures("open_choice")
@pytest.mark.parametrize("method", ["get", "post"])
def test_33_nonsense_in_an_address_or_a_hidden_field_breaks_no_page(admin, known, method):
    for page in ALL_PAGES:
        if page.name not in (
            "mfa_add_webauthn",
            "mfa_reauthenticate_webauthn",
        ):  # The key in `known` is no real one.
            getattr(admin, method)(page.url(**known), WORST)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-13-01", NUL])
def test_33_a_moment_that_never_was_is_as_none(admin, known, moment):
    for address in (f"/connectors/{known['inbox']}/history/", "/sharing/"):
        assert text_of(admin.get(address, {"before": moment})) == text_of(admin.get(address))


@pytest.mark.parametrize("where", ["²", "-1", NUL, "alerts", "x:y"])
def test_33_no_way_back_that_is_no_address_is_taken(admin, known, where):
    refreshed = admin.post("/refresh/", {"next": where})
    themed = admin.post("/theme/", headers={"Referer": where.encode().decode("latin-1")})
    assert (refreshed.status_code, refreshed.url, themed.url) == (302, "/", "/")


@pytest.fixture
def odd(sandbox, adam, with_key):
    """Adam's inbox with very many senders and his feed that fails; all their texts are long and odd."""
    with_key(adam)
    texts = {"label": f"{SIGNS}{LONG}", "description": f"{SIGNS}{LONG}", SIGNS: SIGNS}
    inbox = plant(sandbox, adam, **texts, config={"allowed_emails": SENDERS, "email": SIGNS})
    failed = FAILED | {
        "last_sync_error_msg": f"Login refused {SIGNS}{LONG}",
        "last_sync_at": "2026-03-01T09:00:00Z",
    }
    return inbox, plant(sandbox, adam, **BROKER | texts | failed)


def test_33_from_upstream_it_is_kept_whole_and_breaks_no_page(admin, odd, make_channel):
    make_channel()
    assert len(messages_about_it()) == 2  # To the channel and to Adam.
    for each in odd:
        kept = fresh(each)
        assert (kept.label, kept.description, kept.extra) == (f"{SIGNS}{LONG}", f"{SIGNS}{LONG}", {SIGNS: SIGNS})
        known = {"connector_id": each.connector_id, "group_id": odd[1].error_group_id}
        known["incident_id"] = odd[1].incidents.get().pk
        for page in ALL_PAGES:
            if page.parameters and page.parameters <= {*known}:
                assert admin.get(page.url(**known), follow=True).status_code in (200, 404, 405), page.name
    for address in ("/", "/connectors/", "/errors/", "/alerts/", "/audit/"):
        assert admin.get(address).status_code == 200
    assert fresh(odd[0]).allowed_emails == SENDERS
    assert f"{SIGNS}{LONG}" in b"".join(admin.get("/connectors/export.csv").streaming_content).decode()
    assert "Allowed senders: 10000" in admin.get(url(odd[0], "bundle"), {"download": "1"}).text


def test_33_ten_thousand_senders_that_are_there_already_may_stay_and_no_more_be_added(admin, odd, sandbox):
    address = url(odd[0], "edit")
    more = opened(admin, address, allowed_emails="\n".join([*SENDERS, "more@desk.example"]))
    assert "Split them over several connectors" in error_at(admin.post(address, more), "allowed_emails")
    assert values_in(admin.get(address))["allowed_emails"].split() == SENDERS
    assert "updateConnector" not in asked(sandbox)
