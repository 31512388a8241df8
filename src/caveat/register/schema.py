"""The tables of a register, the same on every database.

What machines and people put in is never updated: rows are only added. Ids are hashes of identity
fields; `positions.key` is one too, as a 60 bit integer, because the full text index of SQLite
needs integer keys that stay. Spans are half-open code points into `articles.text`.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.types import TypeEngine

from caveat.model import RELATIONS, STANCES, VOICES

KEY: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")
"""On SQLite only a column declared INTEGER is the row's own, lasting number."""

metadata = MetaData()


def _one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    listed = ", ".join(f"'{v}'" for v in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"known_{column}")


def _span(*, optional: bool = False, name: str = "span") -> tuple[Column[int], Column[int]]:
    return (
        Column(f"{name}_start", Integer, nullable=optional),
        Column(f"{name}_end", Integer, nullable=optional),
    )


def _span_order(name: str = "span") -> CheckConstraint:
    return CheckConstraint(f"0 <= {name}_start AND {name}_start <= {name}_end", f"{name}_in_order")


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
    *_span(),
    _one_of("kind", ("headline", "dateline", "furniture", "body", "carrier")),
    _span_order(),
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
    _one_of("type", ("state", "bloc", "body", "person", "outlet", "group")),
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
    *_span(),
    Column("single", Boolean, nullable=False, server_default=false()),
    _span_order(),
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
        _one_of("verdict", ("same", "different", "withdrawn")),
        CheckConstraint("one < other", name="pair_in_order"),
    )


actor_decisions = _decisions("actor_decisions")
"""What people decided of two actors' ids: the last row of a pair counts, none is ever changed."""

proposition_decisions = _decisions("proposition_decisions")
"""The same of two propositions."""

mentions = Table(
    "mentions",
    metadata,
    Column("reading_id", Text, ForeignKey("readings.id"), primary_key=True),
    *(Column(c.name, Integer, primary_key=True) for c in _span()),
    Column("actor", Text, primary_key=True, index=True),
    Column("number", Integer, nullable=False),
    Column("how", Text, nullable=False),
    _span_order(),
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
    *_span(),
    ForeignKeyConstraint(
        ["reading_id", "attribution"], ["attributions.reading_id", "attributions.number"]
    ),
    _one_of("role", ("source", "cue", "content", "relay")),
    _span_order(),
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
    *_span(name="action"),
    *_span(name="sentence"),
    *_span(name="speaker", optional=True),
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
    _one_of("stance", STANCES),
    _one_of("voice", VOICES),
    CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence_is_a_share"),
    CheckConstraint("kind <> ''", name="known_kind"),
    _span_order("action"),
    _span_order("sentence"),
    _span_order("speaker"),
)
"""`scope_inside` is null where a position was read without an undertaking."""


def _of_position(name: str, *columns: Column[object] | CheckConstraint) -> Table:
    """A table with numbered rows for each position."""
    return Table(
        name,
        metadata,
        Column("position_key", KEY, ForeignKey("positions.key"), primary_key=True),
        Column("number", Integer, primary_key=True),
        *_span(),
        *columns,
        _span_order(),
        sqlite_with_rowid=False,
    )


position_spans = Table(
    "position_spans",
    metadata,
    Column("position_key", KEY, ForeignKey("positions.key"), primary_key=True),
    Column("role", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    *_span(),
    _one_of("role", ("holder", "addressee", "beneficiary", "relay")),
    _span_order(),
    sqlite_with_rowid=False,
)

position_actors = Table(
    "position_actors",
    metadata,
    Column("position_key", KEY, ForeignKey("positions.key"), primary_key=True),
    Column("role", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("actor", Text, nullable=False, index=True),
    _one_of("role", ("holder", "addressee", "beneficiary", "relay")),
    sqlite_with_rowid=False,
)

conditions = _of_position(
    "conditions",
    Column("relation", Text, nullable=False),
    Column("proposition", Text, index=True),
    Column("or_group", Integer),
    _one_of("relation", RELATIONS),
)

amounts = _of_position(
    "amounts",
    Column("value", Float, nullable=False),
    Column("max_value", Float),
    Column("unit", Text, nullable=False),
    Column("bound", Text, nullable=False),
    _one_of("bound", ("exact", "about", "at_least", "at_most")),
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
    *_span(),
    ForeignKeyConstraint(["position_key", "caveat"], ["caveats.position_key", "caveats.number"]),
    _span_order(),
    sqlite_with_rowid=False,
)

llm_replies = Table(
    "llm_replies",
    metadata,
    Column("key", Text, primary_key=True),
    Column("article_sha256", Text, nullable=False, index=True),
    *_span(name="window"),
    Column("model", Text, nullable=False),
    Column("prompt", Text, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("reply", Text, nullable=False),
    Column("tokens_in", Integer, nullable=False),
    Column("tokens_out", Integer, nullable=False),
    Column("first_seen", Text, nullable=False),
    _span_order("window"),
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
    _one_of("verdict", ("agree", "disagree", "missing")),
)
"""What another reader makes of a position: beside the readings, so that none of them changes."""

# ------------------------------------------------------------------ what follows from all that

derivations = Table(
    "derivations",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""Of which state of the register the tables below were made; see index.py."""

derived_actors = Table(
    "derived_actors",
    metadata,
    Column("actor", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("members", Text, nullable=False),
    Column("anonymous", Boolean, nullable=False),
)
"""What most readings say of each actor."""

derived_positions = Table(
    "derived_positions",
    metadata,
    Column("position_key", KEY, ForeignKey("positions.key"), primary_key=True, autoincrement=False),
    Column("position_id", Text, nullable=False, index=True),
    Column("origin", Text, nullable=False, index=True),
    Column("voice", Text, nullable=False),
    Column("speaker_party", Text),
    Column("speaker_stands", Text),
    Column("alone_in", Integer),
    _one_of("voice", VOICES),
)
"""The current positions. `alone_in`: in how many articles the only origin that says so stands."""

derived_holders = Table(
    "derived_holders",
    metadata,
    Column("position_key", KEY, ForeignKey("positions.key"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("holder", Text, nullable=False, index=True),
    sqlite_with_rowid=False,
)
"""The parties whose position it is, in order."""

standing_words = Table(
    "standing_words",
    metadata,
    Column("position_key", KEY, ForeignKey("positions.key"), primary_key=True),
    Column("holder", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("stance", Text, nullable=False),
    Column("negated", Boolean, nullable=False),
    Column("conditional", Boolean, nullable=False),
    Column("voice", Text, nullable=False),
    Column("own", Boolean, nullable=False),
    Column("by_bloc", Text),
    Column("inside", Boolean, nullable=False),
    Column("known_on", Date, nullable=False),
    Column("replaced_on", Date, nullable=False),
    Column("strength", BigInteger),
    Column("moment", BigInteger, nullable=False),
    Column("act", Text, nullable=False),
    Column("sized", Boolean, nullable=False),
    Index("standing_words_by_kind", "kind", "replaced_on", "known_on"),
    Index(
        "standing_words_strongest",
        "inside",
        "holder",
        "kind",
        "strength",
        "known_on",
        "replaced_on",
    ),
    Index("standing_words_beside", "holder", "kind", "moment"),
    Index("standing_words_claims", "sized", "known_on"),
    sqlite_with_rowid=False,
)
"""Each party's words (a listed group's at its members), from the day on which they are known until
a later word takes their place; unnamed groups' claims too, without `strength`. `sized`: a claim
that gives a number of parties. See succession.py."""

derived_propositions = Table(
    "derived_propositions",
    metadata,
    Column("proposition", Text, primary_key=True),
    Column("stands_as", Text, nullable=False, index=True),
)
"""Propositions that are one with another: the name that stands for both."""

derived_cells = Table(
    "derived_cells",
    metadata,
    Column("holder", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    sqlite_with_rowid=False,
)
"""Parties and kinds that a board has a cell for, on some day."""

DERIVED = (
    derivations, derived_actors, derived_positions, derived_holders, standing_words, derived_cells,
    derived_propositions,
)  # fmt: skip
"""Tables that hold nothing of their own: a pure function of all the others."""

SEEN = frozenset({"first_seen", "applied_at", "decided_at"})
"""Columns that tell when a row was written: all that two registers of the same input differ in."""
