"""What the tests of signing in share."""

from django.test import Client

from tests.conftest import PASSWORD

LOGIN = "/account/login/"
RESET = "/account/password/reset/"
NEW_PASSWORD = "battery staple horse"


def sign_in(client, email="alice@example.com", password=PASSWORD, address="192.0.2.1", **extra):
    return client.post(LOGIN, {"login": email, "password": password}, REMOTE_ADDR=address, **extra)


def guess(times, email="alice@example.com", address="192.0.2.66", client=None):
    """So many wrong passwords from one address; the last answer."""
    client = client or Client()
    for number in range(times):
        answer = sign_in(client, email, f"guess {number}", address)
    return answer


def is_signed_in(client):
    return client.get("/").status_code == 200


def gets_in(client, **options):
    sign_in(client, **options)
    return is_signed_in(client)


def errors_of(answer):
    return " ".join(answer.context["form"].non_field_errors())
