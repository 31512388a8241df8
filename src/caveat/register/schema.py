"""The tables of a register, the same on every database.

What machines and people put in is never updated: rows are only added. Ids are hashes of identity
fields; `positions.key` is one too, as a 60 bit integer, because the full text index of SQLite
needs integer keys that stay. Spans are half-open code points into `articles.text`.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from caveat.model import RELATIONS, STANCES, VOICES
from caveat.register.columns import KEY, metadata, one_of, span, span_order
from caveat.register.schema_derived import (
    DERIVED,
    derivations,
    derived_actors,
    derived_cells,
    derived_holders,
    derived_positions,
    derived_propositions,
    standing_words,
)

register_info = Table(
    "register_info",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

caveat_migrations = Table(
    "caveat_migrations",
    metadata,
    Column("name", Text, primary_key=True),
    Column("applied_at", Text, nullable=False),
)

articles = Table(
    "articles",
    metadata,
    Column("id", Text, primary_key=True),
    Column("sha256", Text, nullable=False, index=True),
    Column("title", Text),
    Column("outlet", Text),
    Column("url", Text),
    Column("published_start", Date),
    Column("published_end", Date),
    Column("published_from", Text),
    Column("language", Text),
    Column("name", Text, nullable=False),
    Column("extra", Text, nullable=False),
    Column("replaces", Text, ForeignKey("articles.id"), index=True),
    Column("first_seen", Text, nullable=False),
    Column("text", Text, nullable=False),
    CheckConstraint("replaces <> id", name="replaces_another"),
)

article_parts = Table(
    "article_parts",
    metadata,
    Column("article_id", Text, ForeignKey("articles.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    *span(),
    one_of("kind", ("headline", "dateline", "furniture", "body", "carrier")),
    span_order(),
)
"""Parts in order; those of kind "carrier" are the agencies that the dateline or byline names."""

signatures = Table(
    "signatures",
    metadata,
    Column("article_id", Text, ForeignKey("articles.id"), primary_key=True),
    Column("state", LargeBinary, nullable=False),
)
"""What copies are looked for by; computed from the text alone, see derive/copies.py."""

skips = Table(
    "skips",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("first_seen", Text, nullable=False),
)

readings = Table(
    "readings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("article_id", Text, ForeignKey("articles.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("reader", Text, nullable=False),
    Column("undertaking", Text),
    Column("first_seen", Text, nullable=False),
    UniqueConstraint("article_id", "number", name="readings_in_order"),
)
"""One reader's reading of one article; `number` counts the readings of that article."""

actors = Table(
    "actors",
    metadata,
    Column("reading_id", Text, ForeignKey("readings.id"), primary_key=True),
    Column("actor", Text, primary_key=True, index=True),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("anonymous", Boolean, nullable=False),
    Column("members", Text, nullable=False),
    one_of("type", ("state", "bloc", "body", "person", "outlet", "group")),
)
"""As each reading names them: no reading overwrites another's name for the same actor."""

speaks_for = Table(
    "speaks_for",
    metadata,
    Column("reading_id", Text, ForeignKey("readings.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("speaker", Text, nullable=False, index=True),
    Column("party", Text, nullable=False),
    Column("role", Text, nullable=False),
    *span(),
    Column("single", Boolean, nullable=False, server_default=false()),
    span_order(),
)
"""`single`: one person at a time holds that role for the party, so that another's ends it."""


def _decisions(name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("one", Text, nullable=False, index=True),
        Column("other", Text, nullable=False, index=True),
        Column("verdict", Text, nullable=False),
        Column("who", Text, nullable=False),
        Column("why", Text, nullable=False),
        Column("decided_at", Text, nullable=False),
        one_of("verdict", ("same", "different", "withdrawn")),
        CheckConstraint("one < other", name="pair_in_order"),
    )


actor_decisions = _decisions("actor_decisions")
"""What people decided of two actors' ids: the last row of a pair counts, none is ever changed."""

proposition_decisions = _decisions("proposition_decisions")
"""The same of two propositions."""

reviews = Table(
    "reviews",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("position_id", Text, nullable=False, index=True),
    Column("article_id", Text, ForeignKey("articles.id"), nullable=False, index=True),
    Column("sha256", Text, nullable=False),
    *span(name="action"),
    Column("verdict", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("reviewer", Text, nullable=False, index=True),
    Column("why", Text, nullable=False),
    Column("reviewed_at", Text, nullable=False),
    one_of("verdict", ("accept", "correct", "reject", "withdrawn")),
    span_order("action"),
)
"""What people said of positions, with the text's hash and the words that it is anchored to; the
last row of a person and position counts, none is ever changed. `content`: what the position states
by this person, as JSON."""

article_keys = Table(
    "article_keys",
    metadata,
    Column("key", KEY, primary_key=True, autoincrement=False),
    Column("article_id", Text, ForeignKey("articles.id"), nullable=False, unique=True),
)
"""A lasting number for each article, as the full text index of SQLite needs one."""

article_marks = Table(
    "article_marks",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("article_id", Text, ForeignKey("articles.id"), nullable=False, index=True),
    Column("mark", Text, nullable=False),
    Column("url", Text),
    Column("who", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("marked_at", Text, nullable=False),
    one_of("mark", ("retracted", "corrected", "restored", "archived")),
)
"""What people say of articles: of retracted, corrected and restored the last counts; `archived`
keeps the address of a copy."""

imported_rows = Table(
    "imported_rows",
    metadata,
    Column("source", Text, primary_key=True),
    Column("row", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("reading_id", Text, ForeignKey("readings.id"), index=True),
    Column("imported_at", Text, nullable=False),
)
"""Rows of trackers' tables: the last number of a row counts; no reading where the row is gone."""

mentions = Table(
    "mentions",
    metadata,
    Column("reading_id", Text, ForeignKey("readings.id"), primary_key=True),
    *(Column(c.name, Integer, primary_key=True) for c in span()),
    Column("actor", Text, primary_key=True, index=True),
    Column("number", Integer, nullable=False),
    Column("how", Text, nullable=False),
    span_order(),
)
"""The mentions that positions, attributions and evidence rest on, a row for each actor."""

attributions = Table(
    "attributions",
    metadata,
    Column("reading_id", Text, ForeignKey("readings.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("within", Integer),
    Column("actor", Text, index=True),
)

attribution_spans = Table(
    "attribution_spans",
    metadata,
    Column("reading_id", Text, primary_key=True),
    Column("attribution", Integer, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    *span(),
    ForeignKeyConstraint(
        ["reading_id", "attribution"], ["attributions.reading_id", "attributions.number"]
    ),
    one_of("role", ("source", "cue", "content", "relay")),
    span_order(),
)

positions = Table(
    "positions",
    metadata,
    Column("key", KEY, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, index=True),
    Column("reading_id", Text, ForeignKey("readings.id"), nullable=False, index=True),
    Column("article_id", Text, ForeignKey("articles.id"), nullable=False, index=True),
    Column("stance", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("negated", Boolean, nullable=False),
    Column("voice", Text, nullable=False),
    Column("confidence", Float, nullable=False),
    *span(name="action"),
    *span(name="sentence"),
    *span(name="speaker", optional=True),
    Column("speaker_actor", Text, index=True),
    Column("attribution", Integer),
    Column("said_start", Date),
    Column("said_end", Date),
    Column("scope_inside", Boolean),
    Column("scope_place", Text),
    Column("scope_mission", Text),
    Column("scope_reason", Text),
    Column("group_min", Integer),
    Column("group_max", Integer),
    one_of("stance", STANCES),
    one_of("voice", VOICES),
    CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence_is_a_share"),
    CheckConstraint("kind <> ''", name="known_kind"),
    span_order("action"),
    span_order("sentence"),
    span_order("speaker"),
)
"""`scope_inside` is null where a position was read without an undertaking."""


def _of_position(name: str, *columns: Column[object] | CheckConstraint) -> Table:
    """A table with numbered rows for each position."""
    return Table(
        name,
        metadata,
        Column("position_key", KEY, ForeignKey("positions.key"), primary_key=True),
        Column("number", Integer, primary_key=True),
        *span(),
        *columns,
        span_order(),
        sqlite_with_rowid=False,
    )


position_spans = Table(
    "position_spans",
    metadata,
    Column("position_key", KEY, ForeignKey("positions.key"), primary_key=True),
    Column("role", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    *span(),
    one_of("role", ("holder", "addressee", "beneficiary", "relay")),
    span_order(),
    sqlite_with_rowid=False,
)

position_actors = Table(
    "position_actors",
    metadata,
    Column("position_key", KEY, ForeignKey("positions.key"), primary_key=True),
    Column("role", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("actor", Text, nullable=False, index=True),
    one_of("role", ("holder", "addressee", "beneficiary", "relay")),
    sqlite_with_rowid=False,
)

conditions = _of_position(
    "conditions",
    Column("relation", Text, nullable=False),
    Column("proposition", Text, index=True),
    Column("or_group", Integer),
    one_of("relation", RELATIONS),
)

amounts = _of_position(
    "amounts",
    Column("value", Float, nullable=False),
    Column("max_value", Float),
    Column("unit", Text, nullable=False),
    Column("bound", Text, nullable=False),
    one_of("bound", ("exact", "about", "at_least", "at_most")),
)

times = _of_position(
    "times",
    Column("start_day", Date),
    Column("end_day", Date),
)

caveats = Table(
    "caveats",
    metadata,
    Column("position_key", KEY, ForeignKey("positions.key"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("why", Text, nullable=False),
    sqlite_with_rowid=False,
)

caveat_spans = Table(
    "caveat_spans",
    metadata,
    Column("position_key", KEY, primary_key=True),
    Column("caveat", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    *span(),
    ForeignKeyConstraint(["position_key", "caveat"], ["caveats.position_key", "caveats.number"]),
    span_order(),
    sqlite_with_rowid=False,
)

llm_replies = Table(
    "llm_replies",
    metadata,
    Column("key", Text, primary_key=True),
    Column("article_sha256", Text, nullable=False, index=True),
    *span(name="window"),
    Column("model", Text, nullable=False),
    Column("prompt", Text, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("reply", Text, nullable=False),
    Column("tokens_in", Integer, nullable=False),
    Column("tokens_out", Integer, nullable=False),
    Column("first_seen", Text, nullable=False),
    span_order("window"),
)
"""Kept before the article is, so that a killed run asks nothing twice: no foreign key."""

llm_endpoints = Table(
    "llm_endpoints",
    metadata,
    Column("endpoint", Text, primary_key=True),
    Column("first_seen", Text, nullable=False),
)

second_opinions = Table(
    "second_opinions",
    metadata,
    Column("position_id", Text, primary_key=True),
    Column("reader", Text, primary_key=True),
    Column("article_id", Text, ForeignKey("articles.id"), nullable=False, index=True),
    Column("of_reader", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("differs", Text, nullable=False),
    Column("finding", Text),
    Column("first_seen", Text, nullable=False),
    one_of("verdict", ("agree", "disagree", "missing")),
)
"""What another reader makes of a position: beside the readings, so that none of them changes."""

SEEN = frozenset(
    {"first_seen", "applied_at", "imported_at", "marked_at", "decided_at", "reviewed_at"}
)
"""Columns that tell when a row was written: all that two registers of the same input differ in."""

__all__ = [
    "DERIVED", "SEEN", "actor_decisions", "actors", "amounts", "article_keys", "article_marks",
    "article_parts", "articles", "attribution_spans", "attributions", "caveat_migrations",
    "caveat_spans", "caveats", "conditions", "derivations", "derived_actors", "derived_cells",
    "derived_holders", "derived_positions", "derived_propositions", "imported_rows",
    "llm_endpoints", "llm_replies", "mentions", "metadata", "position_actors", "position_spans",
    "positions", "proposition_decisions", "readings", "register_info", "reviews",
    "second_opinions", "signatures", "skips", "speaks_for", "standing_words", "times",
]  # fmt: skip
