"""To the identity provider and back."""

import logging

from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView, OAuth2View
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods
from jwt import PyJWTError

from connectors_app.accounts.single_sign_on import ProviderAdapter, is_configured, refused
from connectors_app.services.single_sign_on import PROVIDER

logger = logging.getLogger(__name__)
# Whatever the provider does wrong: it does not answer, or what it says makes no sense.
_FAILURES = (OAuth2Error, PyJWTError, OSError, LookupError, TypeError, ValueError, AttributeError)


@login_not_required
@require_http_methods(["POST"])
def single_sign_on(request: HttpRequest) -> HttpResponse:
    """A page that leads on to the identity provider.

    Not a redirect: `form-action` of the content security policy would have to allow every host that the provider
    redirects to in turn.
    """
    response = _with_provider(request, OAuth2LoginView)
    if response.status_code != 302:
        return response
    context = {"url": response["Location"], "name": settings.OIDC_NAME}
    return render(request, "single_sign_on/leaving.html", context)


@login_not_required
@require_http_methods(["GET"])
def single_sign_on_callback(request: HttpRequest) -> HttpResponse:
    """Where the provider sends people back to."""
    return _with_provider(request, OAuth2CallbackView)


def _with_provider(request: HttpRequest, view: type[OAuth2View]) -> HttpResponse:
    if not is_configured():
        raise Http404
    try:
        response: HttpResponse = view.adapter_view(ProviderAdapter(request, PROVIDER))(request)
    except _FAILURES as error:
        # Not the message: it may repeat what the provider sent.
        logger.warning("Single sign-on failed: %s", type(error).__name__)
        return refused(request, "failed")
    return response
