"""Tables of what follows from all the others: they hold nothing of their own (index.py)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
)

from caveat.model import VOICES
from caveat.register.columns import KEY, metadata, one_of

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
    Column("kind", Text, nullable=False, index=True),
    Column("origin", Text, nullable=False, index=True),
    Column("voice", Text, nullable=False),
    Column("speaker_party", Text),
    Column("speaker_stands", Text),
    Column("alone_in", Integer),
    Column("review", Text),
    one_of("voice", VOICES),
)
"""The current positions. `alone_in`: in how many articles the only origin that says so stands.
`review`: what the review that counts says of it."""

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
