"""Single sign-on by OpenID Connect, where settings name an identity provider.

Stricter than allauth's own: the ID token's signature and a nonce are checked, no claim is stored, links are built
from SITE_URL, and only active members come in. It stands for the password: two-factor is still asked for.
"""

import logging
from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.deferred import jwt
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthError, AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import constant_time_compare, get_random_string

from connectors_app.services import single_sign_on

logger = logging.getLogger(__name__)
_CLOCK_SKEW = 60  # seconds
_REQUIRED_CLAIMS = ["iss", "aud", "exp", "sub", "nonce"]


def is_configured() -> bool:
    return bool(settings.OIDC_ISSUER and settings.OIDC_CLIENT_ID and settings.OIDC_CLIENT_SECRET)


def refused(request: HttpRequest, reason: str) -> HttpResponse:
    """The page of who does not get in: `cancelled`, `failed` or `stranger`."""
    context = {"reason": reason, "name": settings.OIDC_NAME}
    return render(request, "single_sign_on/refused.html", context, status=403)


class ProviderAdapter(OpenIDConnectOAuth2Adapter):
    """Talks to the identity provider."""

    @property
    def openid_config(self) -> dict[str, Any]:
        found: dict[str, Any] = super().openid_config
        if found["issuer"].rstrip("/") != settings.OIDC_ISSUER:
            raise OAuth2Error("The identity provider calls itself something else than OIDC_ISSUER.")
        return found

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:  # noqa: ARG002
        return f"{settings.SITE_URL}{reverse('single_sign_on_callback')}"

    def complete_login(self, request: HttpRequest, app: SocialApp, token: Any, **kwargs: Any) -> SocialLogin:
        claims = self._claims(app, kwargs["response"]["id_token"])
        if "email" not in claims:
            claims = self._with_user_info(claims, token.token)
        login = self.get_provider().sociallogin_from_response(request, claims)
        login.claims = claims
        login.account.extra_data = {}
        return login

    def _claims(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        algorithm, key = jwtkit.fetch_key(id_token, self.openid_config["jwks_uri"], jwtkit.lookup_kid_jwk)
        claims: dict[str, Any] = jwt.decode(
            id_token,
            key=key,
            algorithms=[algorithm],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            leeway=_CLOCK_SKEW,
            options={"require": _REQUIRED_CLAIMS},
        )
        return claims

    def _with_user_info(self, claims: dict[str, Any], access_token: str) -> dict[str, Any]:
        user_info = self._fetch_user_info(access_token)
        if user_info["sub"] != claims["sub"]:
            raise OAuth2Error("The identity provider's answers are about two people.")
        return {**user_info, **claims}


class SingleSignOnProvider(OpenIDConnectProvider):
    pkce_enabled_default = True
    oauth2_adapter_class = ProviderAdapter

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """What the page asks for is fixed: no parameter of the request changes it, but where to go afterwards."""
        return {"process": AuthProcess.LOGIN, "next_url": get_next_redirect_url(request)}

    def redirect(self, request: HttpRequest, process: str, **kwargs: Any) -> HttpResponse:
        nonce = get_random_string(32)
        response: HttpResponse = super().redirect(
            request, process, auth_params={"nonce": nonce}, nonce=nonce, **kwargs
        )
        return response


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """One provider, from the settings; no accounts are made."""

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[SocialApp]:  # noqa: ARG002
        if not is_configured():
            return []
        app = SocialApp(
            provider="openid_connect",
            provider_id=single_sign_on.PROVIDER,
            name=settings.OIDC_NAME,
            client_id=settings.OIDC_CLIENT_ID,
            secret=settings.OIDC_CLIENT_SECRET,
            settings={"server_url": settings.OIDC_ISSUER},
        )
        return [app]

    def get_provider(self, request: HttpRequest, provider: str, client_id: Any = None) -> SingleSignOnProvider:
        return SingleSignOnProvider(request, app=self.get_app(request, provider, client_id))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """From what the provider says to the member that comes in."""
        claims = sociallogin.claims
        if not constant_time_compare(claims["nonce"], sociallogin.state["nonce"]):
            raise OAuth2Error("The ID token was made for another sign-in.")
        is_verified = claims.get("email_verified") in (True, "true")
        try:
            member = single_sign_on.member_of(email=claims.get("email", ""), is_verified=is_verified)
        except single_sign_on.NotAMember:
            raise ImmediateHttpResponse(refused(request, "stranger")) from None
        identity = claims["sub"]
        is_new = sociallogin.account.pk is None or sociallogin.account.user_id != member.pk
        sociallogin.account = single_sign_on.link(member, identity=identity)
        sociallogin.user = member
        if is_new:
            get_account_adapter().send_notification_mail("account/email/single_sign_on_linked", member)

    def on_authentication_error(self, request: HttpRequest, provider: Any, **kwargs: Any) -> None:  # noqa: ARG002
        logger.warning("Single sign-on failed: %s", type(kwargs.get("exception")).__name__)
        is_cancelled = kwargs.get("error") == AuthError.CANCELLED
        raise ImmediateHttpResponse(refused(request, "cancelled" if is_cancelled else "failed"))
