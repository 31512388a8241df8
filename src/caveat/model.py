"""The records that every stage shares. Frozen, plain, without behaviour that needs other stages.

Offsets are code points into `Article.text`, half-open. Dates are intervals whose two ends both
belong to them. Ids are hashes of identity fields, so that the same input gives the same id
everywhere (the habit of followthemoney's statements).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Span = tuple[int, int]
"""Half-open pair of code point offsets into the text of one article."""

Stance = Literal[
    "done", "pledged", "ready", "considering", "refused", "demands", "opposes", "threatens"
]
LADDER: tuple[Stance, ...] = ("considering", "ready", "pledged", "done")
"""The rungs of commitment, weakest first; `refused` and stances towards others stand outside."""
TOWARDS_OTHERS: tuple[Stance, ...] = ("demands", "opposes", "threatens")
STANCES: tuple[Stance, ...] = (
    "done",
    "pledged",
    "ready",
    "considering",
    "refused",
    *TOWARDS_OTHERS,
)

Kind = str
KINDS: tuple[Kind, ...] = (
    "troops", "air", "naval", "weapons", "training", "intelligence", "money", "humanitarian",
    "sanctions", "talks", "membership", "guarantee", "force", "recognition", "energy", "inquiry",
    "domestic", "other",
)  # fmt: skip

Relation = Literal["if", "only_if", "unless", "until", "after", "no_longer_if"]
RELATIONS: tuple[Relation, ...] = ("if", "only_if", "unless", "until", "after", "no_longer_if")

Voice = Literal["quoted", "reported", "third-party", "anonymous"]
VOICES: tuple[Voice, ...] = ("quoted", "reported", "third-party", "anonymous")
OWN_VOICES: tuple[Voice, ...] = ("quoted", "reported")

CAVEATS: tuple[str, ...] = (
    "conditional", "third-party", "relayed", "anonymous", "unnamed-holder", "by-bloc",
    "single-origin", "disputed", "superseded", "stale", "undated", "out-of-scope",
    "headline-only", "machine-read", "low-confidence",
)  # fmt: skip


def identity(*fields: object) -> str:
    """Return the 16 hex digit id of a record from its identity fields, in order."""
    joined = "\x1f".join("" if f is None else str(f) for f in fields)
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Interval:
    """A day or a stretch of days, both ends included; an end is None where it is open."""

    start: date | None
    end: date | None

    @property
    def is_day(self) -> bool:
        """Whether it is one known day."""
        return self.start is not None and self.start == self.end


# ------------------------------------------------------------------ read


PartKind = Literal["headline", "dateline", "furniture", "body"]


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the text and what it is; parts follow each other and leave only blanks out."""

    kind: PartKind
    span: Span


@dataclass(frozen=True, slots=True)
class Article:
    """One cleaned text with its outlet, dates, URL and content hash.

    `text` keeps every character it was given (after decoding and, for HTML, extraction), so
    that offsets hold. `published` is None where nothing gives a date; `published_from` says
    which source gave it: "option", "metadata", "front-matter", "dateline" or None.
    `carried_by` are agencies that the dateline or byline names ("TASS"), as spans.
    """

    text: str
    title: str | None = None
    outlet: str | None = None
    url: str | None = None
    published: Interval | None = None
    published_from: str | None = None
    language: str | None = None
    parts: tuple[Part, ...] = ()
    carried_by: tuple[Span, ...] = ()
    name: str = ""
    """Where it was read from (file name, line id): for messages only, no part of the identity."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Front matter or JSON fields that Caveat does not know, kept as they are."""

    @property
    def sha256(self) -> str:
        """Hash of the text in UTF-8, 64 hex digits."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def id(self) -> str:
        """Hash of outlet, URL, publication interval and text."""
        p = self.published
        return identity(self.outlet, self.url, p and p.start, p and p.end, self.sha256)

    def words(self, span: Span) -> str:
        """The words of a span."""
        return self.text[span[0] : span[1]]


NO_REPLY = "no-reply"


@dataclass(frozen=True, slots=True)
class Skipped:
    """An input that was left out: where it came from, a reason out of a short list, a detail.

    Reasons: "empty", "too-large", "binary", "unreadable", "bad-json", "no-text", "no-main-text",
    "language" (detail: the language's name), "bad-date", "failed" (an error of ours on it),
    "no-reply" (the language model gave none; it may next time, so no register records it).
    """

    name: str
    reason: str
    detail: str
    id: str | None = None
    """The "id" that a JSON line gave itself, so that its sender can tell which was left out."""


# ------------------------------------------------------------------ tag


@dataclass(frozen=True, slots=True)
class Attribution:
    """Source, cue and content spans; `within` is the index of the attribution it stands in.

    `relay` are the spans of those through whom the source's words came, first voice first.
    """

    source: tuple[Span, ...]
    cue: tuple[Span, ...]
    content: tuple[Span, ...]
    within: int | None = None
    relay: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Name:
    """A named mention: "person", "organisation" or "place"."""

    span: Span
    label: Literal["person", "organisation", "place"]


@dataclass(frozen=True, slots=True)
class ConditionMark:
    """A condition without its marker, its relation, and the group of an "or" it belongs to.

    `kind` is that of an act which the condition speaks of, None where the reader sees none.
    """

    span: Span
    relation: Relation
    group: int | None = None
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class PositionMark:
    """A position on the words of the text, before anything is resolved or normalised.

    `kind` is None where the reader gives none, which makes it "other"; `attribution` is the
    index of the attribution it stands in; `confidence` is in 0..1.
    """

    action: Span
    stance: Stance
    holder: tuple[Span, ...] = ()
    negated: bool = False
    kind: Kind | None = None
    addressee: tuple[Span, ...] = ()
    beneficiary: tuple[Span, ...] = ()
    amount: tuple[Span, ...] = ()
    time: tuple[Span, ...] = ()
    conditions: tuple[ConditionMark, ...] = ()
    speaker: Span | None = None
    relay: tuple[Span, ...] = ()
    attribution: int | None = None
    sentence: Span | None = None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Marks:
    """What a reader marks in one article; `reader` names the reader and its version."""

    reader: str
    attributions: tuple[Attribution, ...] = ()
    names: tuple[Name, ...] = ()
    positions: tuple[PositionMark, ...] = ()


# ------------------------------------------------------------------ resolve


ActorType = Literal["state", "bloc", "body", "person", "outlet", "group"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A state, bloc, body, person, news outlet or unnamed group that mentions resolve to.

    Ids: "iso:FR" for states; "org:nato" for blocs and bodies; "per:sergey-lavrov" for people
    (folded fullest name in the article); "out:unian" for agencies and outlets;
    "grp:<hash of article and words>" for unnamed groups. `members` are the ids of a listed
    group that distributes (the Baltic states); institutions (EU, NATO) have none.
    """

    id: str
    name: str
    type: ActorType
    members: tuple[str, ...] = ()
    anonymous: bool = False
    """Nobody can be named by it: "officials", "reports", "media outlets", "several countries"."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A span, the actors it stands for, and how that was found (for `why`)."""

    span: Span
    actors: tuple[str, ...]
    how: str


IMPLIED = "by what is announced"
"""Ends the role of evidence that no words state; it counts in its own article alone."""


@dataclass(frozen=True, slots=True)
class SpeaksFor:
    """Evidence that a person or body speaks for a state or body: the words that say so.

    Where `party` is the speaker's own id the words say that they speak for nobody else ("the former
    minister", "an analyst").
    """

    speaker: str
    party: str
    span: Span
    role: str
    single: bool = False
    """Whether one person at a time holds that role for the party: a head, a minister."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """The actors of one article, the mentions that stand for them, and who speaks for whom."""

    actors: tuple[Actor, ...] = ()
    mentions: tuple[Mention, ...] = ()
    speaks_for: tuple[SpeaksFor, ...] = ()

    def of(self, span: Span) -> tuple[str, ...]:
        """Ids of the actors of exactly this span, empty where it resolves to nobody."""
        return next((m.actors for m in self.mentions if m.span == span), ())


# ------------------------------------------------------------------ commit


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity: `value` as stated, `max` of a range, `unit` an ISO 4217 code or a head noun.

    `bound` says how the words limit it: "exact", "about", "at_least" or "at_most".
    """

    span: Span
    value: float
    max: float | None
    unit: str
    bound: Literal["exact", "about", "at_least", "at_most"] = "exact"


@dataclass(frozen=True, slots=True)
class Time:
    """When or for how long; both ends None where the words fix no day."""

    span: Span
    start: date | None
    end: date | None


@dataclass(frozen=True, slots=True)
class Condition:
    """What a position depends on. `proposition` is None without an undertaking.

    A proposition may be denied: "not:ceasefire". Conditions of one `group` are joined by "or".
    """

    span: Span
    relation: Relation
    proposition: str | None = None
    group: int | None = None


@dataclass(frozen=True, slots=True)
class Caveat:
    """A flag that qualifies a position, why in one sentence, and the words it rests on."""

    name: str
    why: str
    evidence: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """Where, for whom and in which mission; `reason` says why a position stands apart."""

    place: str | None = None
    mission: str | None = None
    inside: bool = True
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """Where a holder stands on an action, as one article reports it."""

    holder: tuple[Span, ...]
    holder_actors: tuple[str, ...]
    stance: Stance
    kind: Kind
    negated: bool
    action: Span
    addressee: tuple[Span, ...]
    beneficiary: tuple[Span, ...]
    amount: tuple[Amount, ...]
    time: tuple[Time, ...]
    conditions: tuple[Condition, ...]
    speaker: Span | None
    speaker_actor: str | None
    relay: tuple[Span, ...]
    voice: Voice
    confidence: float
    caveats: tuple[Caveat, ...]
    sentence: Span
    said: Interval | None
    """A day, or an interval that ends with the report; None where nothing is known."""
    scope: Scope | None
    """None without an undertaking."""
    addressee_actors: tuple[str, ...] = ()
    beneficiary_actors: tuple[str, ...] = ()
    relay_actors: tuple[str, ...] = ()
    group_size: tuple[int | None, int | None] | None = None
    """For an unnamed group: how many it says it is ("around 30" → (30, 30), "several" → None)."""
    attribution: int | None = None

    def id(self, article_id: str) -> str:
        """Hash of article, action, holders, stance, kind and negation."""
        return identity(
            article_id, self.action, self.holder, self.holder_actors, self.stance, self.kind,
            self.negated,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Findings:
    """All that `run` finds in one article, from the article and the undertaking alone."""

    article: Article
    reader: str
    undertaking: str | None
    attributions: tuple[Attribution, ...] = ()
    attribution_actors: tuple[str | None, ...] = ()
    """For each attribution the actor of its source, in the same order."""
    positions: tuple[Position, ...] = ()
    resolution: Resolution = Resolution()
    names: tuple[Name, ...] = ()
    skipped: str | None = None
    """Why the article was not read ("language: French"); then both lists are empty."""


# ------------------------------------------------------------------ register → ask


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored position with what counting and showing need to know about its article."""

    id: str
    position: Position
    holders: tuple[str, ...]
    """Parties whose position it is: states, blocs, bodies, groups; a person who speaks for a
    state by the evidence of the whole register stands as that state."""
    holder_words: tuple[str, ...]
    article_id: str
    outlet: str | None
    url: str | None
    title: str | None
    reported: Interval | None
    origin: str
    sentence: str
    action_words: str
    condition_words: tuple[str, ...]
    speaker_words: str | None
    relay_words: tuple[str, ...]
    reviewed: bool
    reader: str
    undated: bool
    amount_words: tuple[str, ...] = ()
    speaker_party: str | None = None
    speaker_stands: str | None = None
    """The actor that the speaker's id is one with across articles."""
    sentence_start: int = 0
    """Offset of `sentence` in the article's text, so that spans can be marked within it."""
