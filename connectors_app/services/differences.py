"""What an edit would change, told field by field."""

from dataclasses import dataclass

from connectors_app.services.changes import Values
from connectors_app.services.changes_in_words import SHARING


@dataclass(frozen=True, slots=True)
class Difference:
    """One field as it is and as it would be, for people. Senders are one per line."""

    name: str
    before: str
    after: str

    @property
    def is_one(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Differences:
    """An edit: the values as they are, and as they would be."""

    before: Values
    after: Values

    @property
    def fields(self) -> list[Difference]:
        """Every field that can be edited, whether it differs or not."""
        before, after = self.before, self.after
        fields = [
            Difference("Label", before.label, after.label),
            Difference("Description", before.description, after.description),
            Difference("Sharing", SHARING[before.share_with_org], SHARING[after.share_with_org]),
        ]
        if after.allowed_emails is not None:
            senders = "\n".join(before.allowed_emails or []), "\n".join(after.allowed_emails)
            fields.append(Difference("Allowed senders", *senders))
        return fields

    @property
    def texts_changed(self) -> list[Difference]:
        """Of label and description, what differs."""
        return [field for field in self.fields if field.name in {"Label", "Description"} and field.is_one]

    @property
    def sharing_changes(self) -> bool:
        return self.before.share_with_org != self.after.share_with_org

    @property
    def added_senders(self) -> list[str]:
        """Who may send and could not; the same address in another case is nobody new."""
        return _missing_in(self.before.allowed_emails, self.after.allowed_emails)

    @property
    def removed_senders(self) -> list[str]:
        return _missing_in(self.after.allowed_emails, self.before.allowed_emails)

    @property
    def only_rewrites_senders(self) -> bool:
        """The list is the same people in another order or spelling."""
        differs = self.before.allowed_emails != self.after.allowed_emails
        return differs and not (self.added_senders or self.removed_senders)

    @property
    def need_confirming(self) -> bool:
        """Who can see it or send to it would change: somebody should look twice."""
        return self.sharing_changes or bool(self.added_senders or self.removed_senders)


def _missing_in(senders: list[str] | None, others: list[str] | None) -> list[str]:
    known = {sender.casefold() for sender in senders or []}
    return [sender for sender in others or [] if sender.casefold() not in known]
