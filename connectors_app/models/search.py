"""Finding connectors by the words in them, from an index, on SQLite and PostgreSQL alike."""

import re
from collections.abc import Sequence
from typing import Any

from django.db import connection, models
from django.db.models import Exists, OuterRef, Q, Subquery

from connectors_app.models.connector import Connector, ConnectorQuerySet
from connectors_app.models.counting import CountUpTo
from connectors_app.models.organization import Organization

TERM_LENGTH = 64
_LOOKED_FOR_AT_MOST = 10
_FEW = 2_000
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

    The words that say most are looked for; of very many the rest is not. The database is told where to begin, at
    the price of a query: with the connectors that have a rare word or, where there is none, with the list's
    order, in which the next that has them is never far.
    """
    organization = connectors.order_by().values("organization")[:1]
    wanted = _telling(words(query))
    common = _common(organization, wanted)
    for word in wanted:
        if word in common:  # A term of it is one of its organization's.
            has_it = SearchTerm.objects.filter(_begins(word), connector=OuterRef("pk"))
            connectors = connectors.filter(Exists(has_it))
        else:
            connectors = connectors.filter(pk__in=_terms(organization, word).values("connector"))
    return connectors


def _common(organization: models.QuerySet[Any], wanted: Sequence[str]) -> set[str]:
    """Which of the words more than a few of the organization's connectors have."""
    counts = {word: CountUpTo(_terms(organization, word).values("pk")[:_FEW]) for word in wanted}
    numbers = Organization.objects.filter(pk=Subquery(organization)).values_list(*counts.values()).first()
    return {word for word, number in zip(counts, numbers or (), strict=False) if number >= _FEW}


def _terms(organization: models.QuerySet[Any], word: str) -> "models.QuerySet[SearchTerm]":
    return SearchTerm.objects.filter(_begins(word), organization=Subquery(organization))


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
