"""What every page shows around its content: navigation, the one banner, who is signed in, the theme."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from connectors_app.models import ApiKey, Member

SANDBOX = "Sandbox in use"
REJECTED = "no longer accepts your API key"


def banners(client: Client, url: str = "/") -> list[str]:
    return re.findall(r'(?s)<div class="banner.*?</div>\s*</div>', client.get(url).content.decode())


@pytest.mark.parametrize(
    ("url", "active"),
    [
        ("/", "Overview"),
        ("/connectors/", "Connectors"),
        ("/connectors/new/", "Connectors"),
        ("/keys/", "API keys"),
        ("/keys/remove/", "API keys"),
    ],
)
def test_the_navigation_marks_where_one_is(desk: Client, url: str, active: str) -> None:
    html = desk.get(url).content.decode()
    links = re.findall(r'(?s)<a class="nav-link"(.*?)</a>', html)
    marked = [re.sub(r"(?s).*nav-link-title\">|</span>\s*", "", link) for link in links if "aria-current" in link]
    assert marked == [active]


@pytest.mark.parametrize("url", ["/", "/connectors/", "/connectors/new/", "/keys/"])
def test_every_page_has_one_first_heading_a_skip_link_and_a_title(desk: Client, url: str) -> None:
    html = desk.get(url).content.decode()
    assert html.count("<h1") == 1
    assert '<a class="skip-link" href="#content">' in html
    assert re.search(r"<title>[^<]+ · Connectors</title>", html)
    assert '<html lang="en"' in html


def test_the_page_says_who_is_signed_in_and_where(desk: Client) -> None:
    html = desk.get("/").content.decode()
    assert "alice@example.com" in html
    assert "Analyst · Northwind Research" in html
    assert 'action="/account/logout/"' in html


def test_a_sandbox_says_so(desk: Client) -> None:
    [banner] = banners(desk)
    assert SANDBOX in banner


def test_the_real_api_needs_no_banner(desk: Client) -> None:
    ApiKey.objects.update(answered_by_sandbox=False)
    assert banners(desk) == []


def test_a_member_without_a_key_sees_that_the_others_use_a_sandbox(
    desk: Client, bob: Member, mallory: Member, signed_in: Callable[[Member], Client]
) -> None:
    assert SANDBOX in "".join(banners(signed_in(bob)))
    assert banners(signed_in(mallory)) == []


def test_of_two_banners_the_one_to_act_on_is_shown(desk: Client) -> None:
    ApiKey.objects.update(status="rejected")
    [banner] = banners(desk, "/connectors/")
    assert REJECTED in banner
    assert '<a class="alert-link" href="/keys/">Replace key</a>' in banner


def test_somebody_elses_rejected_key_is_not_my_banner(
    desk: Client, bob: Member, signed_in: Callable[[Member], Client]
) -> None:
    ApiKey.objects.update(status="rejected", answered_by_sandbox=False)
    assert banners(signed_in(bob)) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_chosen_theme_stays_on_every_page(desk: Client, theme: str) -> None:
    desk.post("/theme/", {"theme": theme})
    for url in ("/", "/connectors/", "/account/logout/"):
        html = desk.get(url).content.decode()
        assert f'<html lang="en" data-bs-theme="{theme}">' in html
        assert "matchMedia" not in html


@pytest.mark.parametrize("theme", ["system", "", "<script>", "DARK"])
def test_anything_else_follows_the_system(desk: Client, theme: str) -> None:
    desk.post("/theme/", {"theme": "dark"})
    desk.post("/theme/", {"theme": theme})
    html = desk.get("/").content.decode()
    assert "data-bs-theme=" not in html
    assert "matchMedia" in html


def test_a_forged_theme_cookie_is_ignored(desk: Client) -> None:
    desk.cookies["theme"] = '"><script>alert(1)</script>'
    assert "<script>alert" not in desk.get("/").content.decode()


def test_a_visitor_may_choose_a_theme_too(client: Client) -> None:
    cookie = client.post("/theme/", {"theme": "dark"}).cookies["theme"]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("dark", True, "Lax")


@pytest.mark.parametrize(
    ("referer", "leads_to"),
    [
        ("http://testserver/connectors/?page=2", "http://testserver/connectors/?page=2"),
        ("https://evil.example/connectors/", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_choosing_a_theme_goes_back_but_never_elsewhere(desk: Client, referer: str, leads_to: str) -> None:
    answer = desk.post("/theme/", {"theme": "dark"}, headers={"Referer": referer})
    assert answer.url == leads_to


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Asia/Tokyo", " JST"),
        ("Asia%2FTokyo", " JST"),
        ("../etc/passwd", " UTC"),
        ("", " UTC"),
        ("Nowhere", " UTC"),
    ],
)
def test_times_are_in_the_viewers_zone(
    desk: Client, make_connectors: Callable[..., object], zone: str, shown: str
) -> None:
    make_connectors()
    desk.cookies["timezone"] = zone
    titles = re.findall(r'<time datetime="[^"]+"\s+title="([^"]+)"', desk.get("/connectors/").content.decode())
    assert titles
    assert all(shown in title for title in titles)
