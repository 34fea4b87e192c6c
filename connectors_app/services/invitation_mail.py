"""The mail that brings an invitation's link."""

import logging

from django.template.loader import render_to_string

from connectors_app.services import mail
from connectors_app.services.invitations import Issued

logger = logging.getLogger(__name__)


def mail_link(issued: Issued) -> bool:
    """Send the link to the invited address. Returns whether a mail server took it; the link works either way.

    At once, not by the queue: the link is a secret that must be stored nowhere.
    """
    invitation = issued.invitation
    text = render_to_string("email/invitation.txt", {"invitation": invitation, "link": issued.link})
    try:
        mail.send(
            to=invitation.email,
            subject=f"Invitation to {invitation.organization.name}",
            text=text.strip(),
        )
    except OSError as error:
        # Not the server's words: those may repeat the mail.
        logger.warning("the mail of invitation %s was not sent: %s", invitation.pk, type(error).__name__)
        return False
    return True
