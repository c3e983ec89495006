"""What somebody types to find messages: whole words of a subject, a recipient or its beginning, a Message-ID, an id."""

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL

from delivery.log import terms
from delivery.models import Delivery, Email

TYPED_CHARS = 500
LEXEME_BYTES = 2046  # the most that PostgreSQL takes (textsearch, 8.11); no address and no word that is kept is as long
NAMED_MOST = 100  # messages with one Message-ID: a caller may give the same to several
MATCHES = '"delivery_email"."terms" @@ %s::tsquery'


@dataclass(frozen=True)
class Search:
    """Every one of `terms` must be a message's; of each of `beginnings` one of its recipients' addresses begins so.

    `domains` may each be a domain, or else words of a subject.
    """

    typed: str
    terms: tuple[str, ...]
    beginnings: tuple[str, ...] = ()
    domains: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def of(cls, typed: str) -> "Search":
        words, beginnings, domains = list[str](), list[str](), list[tuple[str, tuple[str, ...]]]()
        for part in typed[:TYPED_CHARS].replace("\x00", " ").split()[: terms.WORDS_MOST]:
            typed_address = terms.typed_address(part)
            local_part, at, domain = typed_address.rpartition("@")
            if local_part and at:
                beginnings.append(typed_address)
            elif at and domain:
                words.append(domain)
            elif "." in typed_address.strip("."):
                domains.append((typed_address, terms.words_of(typed_address)))
            else:
                words += terms.words_of(typed_address)
        return cls(typed.strip(), tuple(dict.fromkeys(words)), tuple(beginnings), tuple(domains))

    @property
    def is_empty(self) -> bool:
        """Return whether nothing can be looked for: there were only signs between words."""
        return not (self.terms or self.beginnings or self.domains)

    def tsquery(self, *alternatives: str) -> str:
        """Return it in PostgreSQL's words; a message must have one of `alternatives`, too, where there are some."""
        parts = [
            *map(_lexeme, self.terms),
            *(f"{_lexeme(beginning)}:*" for beginning in self.beginnings),
            *(_domain_or_words(domain, words) for domain, words in self.domains),
        ]
        if alternatives:
            parts.append(f"({' | '.join(map(terms.quoted, alternatives))})")
        return " & ".join(parts)

    def named(self) -> list[UUID]:
        """Return the messages that what was typed is the Message-ID or the id of."""
        bare = self.typed.strip("<>")
        named = Q(message_id__in=(self.typed, f"<{bare}>")) if "@" in bare else Q()
        with suppress(ValueError):
            named = Q(pk=UUID(bare))
        return list(Email.objects.filter(named).values_list("pk", flat=True)[:NAMED_MOST]) if named else []

    def on_recipients(self, rows: "QuerySet[Delivery]") -> "QuerySet[Delivery]":
        """Leave out deliveries to others of a message that has several recipients."""
        for beginning in self.beginnings:
            rows = rows.filter(recipient__istartswith=beginning)
        return rows


def matching(rows: "QuerySet[Delivery]", search: Search) -> "QuerySet[Delivery]":
    """Return those of `rows` that are found, in no bounded time: for what is done with all of them."""
    if named := search.named():
        return rows.filter(email__in=named)
    if search.is_empty:
        return rows.none()
    return search.on_recipients(rows.filter(email__in=_emails(search)))


def _emails(search: Search) -> "QuerySet[Email]":
    if connection.vendor == "postgresql":
        return Email.objects.filter(RawSQL(MATCHES, [search.tsquery()], output_field=BooleanField()))  # noqa: S611
    emails = Email.objects.filter(*(Q(terms__contains=f"\n{term}\n") for term in search.terms))
    for beginning in search.beginnings:
        emails = emails.filter(terms__contains=f"\n{beginning}")
    for domain, words in search.domains:
        as_words = Q(*(Q(terms__contains=f"\n{word}\n") for word in words))
        emails = emails.filter(Q(terms__contains=f"\n{domain}\n") | as_words)
    return emails


def _domain_or_words(domain: str, words: tuple[str, ...]) -> str:
    as_words = " & ".join(map(_lexeme, words))
    return f"({_lexeme(domain)} | ({as_words}))" if words else _lexeme(domain)


def _lexeme(term: str) -> str:
    """Return it quoted; one character may have become eighteen (NFKC) since what was typed was cut."""
    return terms.quoted(term.encode()[:LEXEME_BYTES].decode(errors="ignore"))
