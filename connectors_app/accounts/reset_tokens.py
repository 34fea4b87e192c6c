"""The tokens of links to choose a new password."""

from django.contrib.auth.tokens import PasswordResetTokenGenerator

from connectors_app.models import Member


class ResetTokens(PasswordResetTokenGenerator):
    """Like Django's own, and worthless while the member is deactivated: also those of links sent before."""

    def check_token(self, user: Member | None, token: str | None) -> bool:
        return user is not None and user.is_active and super().check_token(user, token)
