"""Members of an organization."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse

from connectors_app.models import Member


def set_password_path(member: Member) -> str:
    """The path of a one-time page where the member chooses a password."""
    key = default_token_generator.make_token(member)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(member), "key": key})
