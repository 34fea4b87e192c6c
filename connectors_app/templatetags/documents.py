"""How documents are shown: their status and what went wrong, in words where we have them."""

from typing import Any

from django import template

from connectors_app.choices import DocumentStatus
from connectors_app.services.documents import error_in_words

register = template.Library()


@register.inclusion_tag("connector/_document_status.html")
def document_status(status: str) -> dict[str, Any]:
    """The status as icon, word and colour; one that we do not know is shown as it came."""
    try:
        known = DocumentStatus(status.lower())
    except ValueError:
        return {"label": status, "tone": "secondary", "icon_name": "help-circle"}
    look = known.look
    return {"label": known.label, "tone": look.tone, "icon_name": look.icon, "tooltip": look.explanation}


@register.filter
def document_error(code: str) -> str:
    """Why a document failed, in words with the code; a code that we do not know is shown as it came."""
    words = error_in_words(code)
    return f"{words} ({code})" if words else code or "No reason given"
