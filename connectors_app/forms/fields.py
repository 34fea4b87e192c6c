"""Form fields that several pages share."""

import json
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.urls import reverse_lazy
from django.utils.safestring import SafeString

# Bigdata.com refuses bodies over 64 KiB; the rest of the request needs a little of that.
MAX_SENDERS_BYTES = 56 * 1024
# Quotes and brackets end with their line at the latest: an open one costs no more than that line.
_ENTRY = re.compile(r'(?:"[^"\n]*"|<[^<>\n]*>|[^,;\n])+')
_BRACKETED = re.compile(r"<([^<>]*)>\s*$")
_NAMED_AT_MOST = 5
# Of a new password; AUTH_PASSWORD_VALIDATORS look after it.
STRONG_ENOUGH = "At least 12 characters, and not a common password."


class SendersInput(forms.Textarea):
    """The text area of senders with its tools below: a button that sorts, and hints that come while typing.

    Only this field is posted for hints. Without JavaScript it is a plain text area.
    """

    def __init__(self) -> None:
        asks = {
            "hx-post": reverse_lazy("senders_check"),
            "hx-params": "allowed_emails",
            "hx-trigger": "change, keyup changed delay:600ms",
            "hx-target": "next [data-sender-hints]",
            "hx-sync": "this:queue last",
        }
        super().__init__(attrs={"rows": 6, "spellcheck": "false", "autocapitalize": "none", **asks})

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        area = super().render(name, value, attrs, renderer)
        return area + render_to_string("connector_types/email/_sender_tools.html")


class SendersField(forms.CharField):
    """Email addresses, one per line. Commas, semicolons and `Name <address>` are understood.

    Cleans to a list without duplicates (whatever their case), in the order typed.
    """

    widget = SendersInput

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        text = super().to_python(value) or ""
        unique: dict[str, str] = {}
        for address in addresses_in(text):
            unique.setdefault(address.casefold(), address)
        return list(unique.values())

    def validate(self, value: list[str]) -> None:
        super().validate("\n".join(value))
        malformed = [address for address in value if not is_address(address)]
        if malformed:
            raise ValidationError(_malformed_message(malformed), code="malformed")
        size = len(json.dumps(value).encode())
        if size > MAX_SENDERS_BYTES:
            fitting = int(len(value) * MAX_SENDERS_BYTES / size)
            raise ValidationError(
                f"Bigdata.com takes about {fitting:,} senders of this length for one inbox; "
                f"you gave {len(value):,}. Split them over several connectors.",
                code="too_many",
            )

    def run_validators(self, value: list[str]) -> None:
        super().run_validators("\n".join(value))

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value


class SecretField(forms.CharField):
    """A secret on its way to the API: never shown again, not even after a mistake elsewhere in the form."""

    def __init__(self, *, autocomplete: str = "off", **kwargs: Any) -> None:
        widget = forms.PasswordInput(render_value=False, attrs={"autocomplete": autocomplete})
        super().__init__(widget=widget, **_asking_for_it(kwargs))


class TextField(forms.CharField):
    """Text of bounded length that is never cut short by the browser: too long gets a message."""

    def __init__(self, *, at_most: int, **kwargs: Any) -> None:
        super().__init__(**_asking_for_it(kwargs))
        self.at_most = at_most

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) > self.at_most:
            raise ValidationError(f"Use at most {self.at_most:,} characters; this has {len(value):,}.")


def _asking_for_it(kwargs: dict[str, Any]) -> dict[str, Any]:
    """A field's arguments, with a message that names what is missing, unless they have their own."""
    label = str(kwargs.get("label", ""))
    name = label if label[1:2].isupper() else label[:1].lower() + label[1:]
    return kwargs | {"error_messages": {"required": f"Enter the {name}.", **kwargs.get("error_messages", {})}}


def say_what_is_missing(form: forms.BaseForm, messages: dict[str, str]) -> None:
    """For forms that others made: what each of these fields says while it is empty."""
    for name, message in messages.items():
        form.fields[name].error_messages["required"] = message


def addresses_in(text: str) -> list[str]:
    """Every address (or what stands where one should) in a text of senders, with its duplicates, as typed."""
    return [address for entry in _ENTRY.findall(text) for address in _addresses(entry)]


def _addresses(entry: str) -> list[str]:
    bracketed = _BRACKETED.search(entry)
    if bracketed:
        return [bracketed[1].strip()]
    words = entry.split()
    # A line of words without any address is told of as what it is.
    return [entry.strip()] if words and "@" not in entry else words


def is_address(address: str) -> bool:
    """Whether mail could come from it, as far as its spelling tells."""
    try:
        validate_email(address)
    except ValidationError:
        return False
    return True


def _malformed_message(malformed: list[str]) -> str:
    named = ", ".join(f"“{address[:80]}”" for address in malformed[:_NAMED_AT_MOST])
    more = len(malformed) - _NAMED_AT_MOST
    others = f" and {more:,} more" if more > 0 else ""
    verb = "is not an email address" if len(malformed) == 1 else "are not email addresses"
    return f"{named}{others} {verb}. Write one address per line, such as research@broker.com."
