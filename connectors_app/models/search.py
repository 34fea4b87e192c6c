"""Finding connectors by the words in them, from an index, on SQLite and PostgreSQL alike."""

import re
from collections.abc import Sequence

from django.db import connection, models
from django.db.models import Q, Subquery

from connectors_app.models.connector import Connector, ConnectorQuerySet
from connectors_app.models.organization import Organization

TERM_LENGTH = 64
_LOOKED_FOR_AT_MOST = 10
_WORD = re.compile(r"\w+")


class SearchTerm(models.Model):
    """One word of a connector's label, description, senders, inbox address, broker user or id."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+", db_index=False)
    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="search_terms", db_index=False)
    term = models.CharField(max_length=TERM_LENGTH)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["connector", "term"], name="search_term_once"),)
        # The operator class makes PostgreSQL's index serve LIKE 'word%'; SQLite ignores it.
        indexes = (
            models.Index(
                fields=["organization", "term", "connector"],
                opclasses=["int8_ops", "varchar_pattern_ops", "int8_ops"],
                name="search_term",
            ),
        )

    def __str__(self) -> str:
        return self.term


def words(text: str) -> list[str]:
    """The words of a text as they are stored and searched: "Jane@Bank.com" is jane, bank, com."""
    return [word[:TERM_LENGTH] for word in _WORD.findall(text.casefold())]


def terms_of(connector: Connector) -> set[str]:
    texts = (
        connector.label,
        connector.description,
        " ".join(connector.allowed_emails),
        connector.inbox_address,
        connector.broker_user_id,
        str(connector.connector_id),
    )
    return {word for text in texts for word in words(text)}


def index_terms(connectors: Sequence[Connector]) -> None:
    """Make the connectors findable by what they say now."""
    SearchTerm.objects.filter(connector__in=connectors).delete()
    terms = (
        SearchTerm(organization_id=connector.organization_id, connector=connector, term=term)
        for connector in connectors
        for term in sorted(terms_of(connector))
    )
    SearchTerm.objects.bulk_create(terms, batch_size=1000)


def search(connectors: ConnectorQuerySet, query: str) -> ConnectorQuerySet:
    """Those of one organization's connectors in which every word of the query begins a word.

    The words that say most are looked for first; of very many the rest is not looked for.
    """
    organization = connectors.order_by().values("organization")[:1]
    for word in _telling(words(query)):
        terms = SearchTerm.objects.filter(_begins(word), organization=Subquery(organization))
        connectors = connectors.filter(pk__in=terms.values("connector"))
    return connectors


def _telling(wanted: list[str]) -> list[str]:
    """Without those that another one begins with: who finds "research" has found "res"."""
    longest_first = sorted(set(wanted), key=len, reverse=True)
    kept: list[str] = []
    for word in longest_first:
        if not any(longer.startswith(word) for longer in kept):
            kept.append(word)
    return kept[:_LOOKED_FOR_AT_MOST]


def _begins(word: str) -> Q:
    """What an index answers: a range in SQLite (LIKE uses none), LIKE in PostgreSQL (ranges go by collation)."""
    if connection.vendor == "postgresql":
        return Q(term__startswith=word)
    return Q(term__gte=word, term__lt=word + "\U0010ffff")
