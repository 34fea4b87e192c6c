"""How allauth.mfa is fitted in: its secrets in our key ring, its words ours."""

import logging
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator

from connectors_app.encryption import Undecryptable
from connectors_app.models import Member
from connectors_app.services import two_factor

logger = logging.getLogger(__name__)


class MfaAdapter(DefaultMFAAdapter):
    error_messages = {  # noqa: RUF012  (so it is in the base class)
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This is not the right code, or it was used already. Enter the one your app shows now.",
        "incorrect_key": "This security key was not recognised. Try again, or use another way.",
        "cannot_delete_authenticator": (
            "Your organization requires two-factor, and this is all you have. "
            "Add another one first, then remove this."
        ),
        "cannot_generate_recovery_codes": "First add an authenticator app or a security key.",
        "unreadable": "What is stored for your two-factor can't be read. Ask whoever runs this dashboard.",
    }

    def encrypt(self, text: str) -> str:
        return two_factor.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Raises ValidationError, which refuses whatever was to be checked against the secret."""
        try:
            return two_factor.unseal(encrypted_text)
        except Undecryptable as error:
            logger.error("A two-factor secret does not open: %s", error)  # noqa: TRY400  (the trace says no more)
            raise self.validation_error("unreadable") from None

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return two_factor.may_remove(authenticator)

    def generate_authenticator_name(self, user: Member, type: Authenticator.Type) -> str:
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return "Security key" if number == 1 else f"Security key {number}"

    def get_public_key_credential_rp_entity(self) -> dict[str, Any]:
        return {**super().get_public_key_credential_rp_entity(), "name": "Connectors"}
