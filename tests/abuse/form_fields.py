"""The forms of a page as a browser sees them: what they send where, and which fields take text."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.http import HttpResponse

_NO_TEXT = ("hidden", "checkbox", "radio", "submit", "button", "file")


@dataclass
class Form:
    """`fields` is what is sent if nobody changes anything, `texts` names those that one can type in."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)


class Forms(HTMLParser):
    """`found`: the page's forms, but for fields that stand outside."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._area = self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self.found.append(Form(given.get("action", ""), given.get("method", "get").lower()))
        elif not self.found:
            return
        elif tag == "textarea":
            self._area = name
            self.found[-1].fields[name] = ""
            self.found[-1].texts.append(name)
        elif tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in given or self._select not in self.found[-1].fields):
            self.found[-1].fields[self._select] = given.get("value", "")
        elif tag == "input" and name:
            self._input(name, given)

    def _input(self, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if kind in ("checkbox", "radio") and "checked" not in given:
            return
        self.found[-1].fields[name] = given.get("value", "")
        if kind not in _NO_TEXT:
            self.found[-1].texts.append(name)

    def handle_data(self, data: str) -> None:
        if self._area:
            self.found[-1].fields[self._area] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""


def forms_on(page: HttpResponse) -> list[Form]:
    return Forms(page.content.decode()).found
