"""Mail about somebody's account: plain text, and the same as a simple page."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string

# For the connection and each answer of the mail server.
_SECONDS = 10


def render(template: str, context: dict[str, object]) -> tuple[str, str]:
    """Subject (one line) and text of `<template>_subject.txt` and `<template>_message.txt`."""
    context = {"site_url": settings.SITE_URL, **context}
    subject = render_to_string(f"{template}_subject.txt", context)
    text = render_to_string(f"{template}_message.txt", context)
    return " ".join(subject.split()), text.strip()


def send(*, to: str, subject: str, text: str, page: str = "", message_id: str = "") -> None:
    """Raises OSError when no mail server takes it.

    `page`: the same as HTML, unless the text will do for that. `message_id`: one that stays the same if the mail
    is sent again.
    """
    headers = {"Message-ID": message_id} if message_id else {}
    mail = EmailMultiAlternatives(
        one_line(subject), text, to=[to], headers=headers, connection=get_connection(timeout=_SECONDS)
    )
    page = page or render_to_string("account/email/message.html", {"subject": subject, "text": text})
    mail.attach_alternative(page, "text/html")
    mail.send()


def one_line(text: str) -> str:
    """A line break in a header would begin another header."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
