"""Two-factor: what a member has, adding to it, taking away. allauth's views, with what they change recorded."""

from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    EditWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_safe

from connectors_app.accounts.mfa import MfaAdapter
from connectors_app.models import Member
from connectors_app.permissions import Permission, current_member, requires
from connectors_app.services import two_factor

APP = "Authenticator app"


@require_safe
@requires(Permission.MANAGE_OWN_ACCOUNT)
def overview(request: HttpRequest) -> HttpResponse:
    member = current_member(request)
    factors = list(Authenticator.objects.filter(user_id=member.pk).order_by("created_at"))
    codes = _of_type(factors, Authenticator.Type.RECOVERY_CODES)
    context = {
        "app": next(iter(_of_type(factors, Authenticator.Type.TOTP)), None),
        "security_keys": _of_type(factors, Authenticator.Type.WEBAUTHN),
        "has_codes": bool(codes),
        # Counted by what is marked as used: no secret is opened to show this page.
        "codes_left": app_settings.RECOVERY_CODE_COUNT - codes[0].data["used_mask"].bit_count() if codes else 0,
        "two_factor_missing": two_factor.is_missing(member),
        "two_factor_required": two_factor.is_required_of(member),
    }
    return render(request, "mfa/index.html", context)


class AddAuthenticatorApp(ActivateTOTPView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if _has_app(current_member(request)):
            return redirect("mfa_index")  # Sent twice: it is there already.
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        member = current_member(self.request)
        two_factor.lock(member)
        if _has_app(member):
            return redirect("mfa_index")
        answer: HttpResponse = super().form_valid(form)
        two_factor.record_added(member, APP, with_recovery_codes=self.did_generate_recovery_codes)
        return answer


class RemoveAuthenticatorApp(DeactivateTOTPView):
    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        two_factor.record_removed(current_member(self.request), APP)
        return answer


class AddSecurityKey(AddWebAuthnView):
    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        name = _key_in_words(form.cleaned_data["name"])
        member = current_member(self.request)
        two_factor.record_added(member, name, with_recovery_codes=self.did_generate_recovery_codes)
        return answer


class RenameSecurityKey(EditWebAuthnView):
    success_url = reverse_lazy("mfa_index")


class RemoveSecurityKey(RemoveWebAuthnView):
    success_url = reverse_lazy("mfa_index")

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        authenticator = self.get_object()
        if not two_factor.may_remove(authenticator):
            messages.error(self.request, MfaAdapter.error_messages["cannot_delete_authenticator"])
            return redirect("mfa_index")
        answer: HttpResponse = super().form_valid(form)
        two_factor.record_removed(current_member(self.request), _key_in_words(str(authenticator)))
        return answer


class MakeRecoveryCodes(GenerateRecoveryCodesView):
    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        two_factor.record_recovery_codes(current_member(self.request))
        return answer


class ConfirmBySecurityKey(ReauthenticateWebAuthnView):
    def form_invalid(self, form: Any) -> HttpResponse:  # noqa: ARG002
        """Back to the same page, which asks again."""
        messages.error(self.request, MfaAdapter.error_messages["incorrect_key"])
        return redirect(self.passthrough_next_url(self.request.path))


def _of_type(factors: Any, type_: str) -> list[Authenticator]:
    return [factor for factor in factors if factor.type == type_]


def _has_app(member: Member) -> bool:
    return two_factor.second_factors(member).filter(type=Authenticator.Type.TOTP).exists()


def _key_in_words(name: str) -> str:
    return f"Security key “{name[:100]}”"


_own = requires(Permission.MANAGE_OWN_ACCOUNT)
add_authenticator_app = _own(AddAuthenticatorApp.as_view())
remove_authenticator_app = _own(RemoveAuthenticatorApp.as_view())
add_security_key = _own(AddSecurityKey.as_view())
rename_security_key = _own(RenameSecurityKey.as_view())
remove_security_key = _own(RemoveSecurityKey.as_view())
make_recovery_codes = _own(MakeRecoveryCodes.as_view())
confirm_by_security_key = _own(ConfirmBySecurityKey.as_view())
