"""Geometry of the report's pictures, in percent of the width so that type keeps its size.

Everything here is arithmetic on places; what is drawn was counted in `caveat.ask`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from caveat.ask import TIERS, Change, Count, GroupClaim, Point, Standing
from caveat.model import STANCES, Actor
from caveat.show.words import (
    NOTE_WORDS,
    day_words,
    name_of,
    size_words,
    speaker_name,
    stance_words,
)

CLAIMS_DRAWN = 10
"""More group claims than this are told in the list below the picture only."""
LABEL_WIDTH = 24
"""Characters of a speaker's name beside a mark: what still fits half of a 400 px screen."""
MONTHS_APART = (1, 2, 3, 6, 12, 24, 60, 120, 600)
TICKS_WANTED = 8


@dataclass(frozen=True, slots=True)
class Unit:
    """One heard party on the scale; `place` is "in", "between" or "out" of the bounds."""

    x: float
    width: float
    code: str
    name: str
    tier: str
    place: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on a scale and its label."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class ClaimMark:
    """A group claim on the scale: from `x` to `end`, labelled on the side that has room."""

    x: float
    end: float
    y: int
    label: str
    left: bool
    beyond: bool
    comparable: bool


@dataclass(frozen=True, slots=True)
class Strip:
    """The bounds as a picture: a unit for each heard party on a scale from 0."""

    units: tuple[Unit, ...]
    ticks: tuple[Tick, ...]
    claims: tuple[ClaimMark, ...]
    lower: float
    upper: float
    heard: float
    height: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A scenario's bounds as shares of the same scale."""

    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time through which a position was the last one heard."""

    x: float
    width: float
    stance: str
    conditional: bool
    words: str
    entry: str


@dataclass(frozen=True, slots=True)
class Line:
    """One actor's moves on one kind along the axis of time."""

    name: str
    kind: str
    stretches: tuple[Stretch, ...]
    told: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """All lines over one axis."""

    lines: tuple[Line, ...]
    ticks: tuple[Tick, ...]
    stances: tuple[str, ...]
    """Those that occur, for the legend."""


def strip(answer: Count, actors: Mapping[str, Actor]) -> Strip:
    """Lay the heard parties out in the order of the tiers, and the group claims below."""
    heard = [s for s in answer.standings if s.tier != "unheard"]
    heard.sort(key=lambda s: (_place_rank(s), TIERS.index(s.tier), name_of(s.holder, actors)))
    sized = [c for c in answer.group_claims if c.size and _least(c)]
    sized = sorted(sized, key=lambda c: c.not_comparable is not None)[:CLAIMS_DRAWN]
    # a claim about half the world must not squeeze the parties into a corner
    limit = 2 * len(heard) + 20
    scale = max([len(heard), 1, *(n for c in sized for n in _ends(c) if n <= limit)])
    step = 100 / scale
    units = tuple(
        Unit(i * step, step, code(s.holder, actors), name_of(s.holder, actors), s.tier, _place(s))
        for i, s in enumerate(heard)
    )
    sized.sort(key=lambda c: (_ends(c)[0], c.entry.id))
    claims = tuple(_claim_mark(c, i, scale, actors) for i, c in enumerate(sized))
    return Strip(
        units=units, ticks=_number_ticks(scale), claims=claims,
        lower=answer.lower * step, upper=answer.upper * step, heard=len(heard) * step,
        height=118 + 24 * len(claims),
    )  # fmt: skip


def code(actor: str, actors: Mapping[str, Actor]) -> str:
    """Two letters for a unit: the ISO code of a state, else the first letters of the name."""
    if actor.startswith("iso:"):
        return actor.removeprefix("iso:")
    return name_of(actor, actors)[:2].upper()


def _place_rank(s: Standing) -> int:
    return 0 if s.in_lower else 1 if s.in_upper else 2


def _place(s: Standing) -> str:
    return ("in", "between", "out")[_place_rank(s)]


def _least(claim: GroupClaim) -> int | None:
    least, most = claim.size or (None, None)
    return least if least is not None else most


def _ends(claim: GroupClaim) -> tuple[int, int]:
    least, most = claim.size or (None, None)
    first = least if least is not None else most or 0
    return first, most if most is not None else first


def _claim_mark(claim: GroupClaim, row: int, scale: int, actors: Mapping[str, Actor]) -> ClaimMark:
    first, last = _ends(claim)
    beyond = last > scale or bool(claim.size and claim.size[1] is None)
    x, end = 100 * min(first, scale) / scale, 100 * min(last, scale) / scale
    speaker = speaker_name(claim.entry, actors) or claim.entry.outlet or "no speaker named"
    label = f"{size_words(claim)}: {shorten(speaker, LABEL_WIDTH)}, {_short(claim)}"
    return ClaimMark(x, end, 120 + 24 * row, label, x > 50, beyond, claim.not_comparable is None)


def shorten(text: str, width: int) -> str:
    """The first words of a text that is too long for its place."""
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def _short(claim: GroupClaim) -> str:
    reported = claim.entry.reported
    day = reported and (reported.end or reported.start)
    return f"{day.day} {day:%b} {day.year}" if day else "no date"


def _number_ticks(scale: int) -> tuple[Tick, ...]:
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200, 500, 10**6) if scale / s <= 10)
    return tuple(Tick(100 * n / scale, str(n)) for n in range(0, scale + 1, step))


def bars(bounds: Sequence[tuple[int, int]]) -> tuple[Bar, ...]:
    """Lower and upper bounds on one scale: the largest upper bound of all, at least 1."""
    scale = max([1, *(upper for _, upper in bounds)])
    return tuple(Bar(100 * lower / scale, 100 * upper / scale) for lower, upper in bounds)


def timeline(found: Iterable[Change], actors: Mapping[str, Actor], until: date) -> Timeline | None:
    """The moves of each actor and kind as stretches up to `until`; None without dated moves."""
    moves = [c for c in found if date.min < c.day <= until]
    if not moves:
        return None
    first = min(c.day for c in moves).replace(day=1)
    # a little air on the right, so that the last day's mark stands inside
    total = max((until - first).days, 1) * 1.015 + 1
    by_line: dict[tuple[str, str], list[Change]] = {}
    for c in moves:
        by_line.setdefault((c.actor, c.kind), []).append(c)
    lines = []
    for (actor, kind), mine in by_line.items():
        days = [*(c.day for c in mine), until + timedelta(days=1)]
        told = [f"{day_words(c.day)}: {_told(c)}" for c in mine]
        lines.append(Line(
            name_of(actor, actors), kind,
            tuple(_stretch(c, b, first, total) for c, b in zip(mine, days[1:], strict=True)),
            "; ".join(told),
        ))  # fmt: skip
    lines.sort(key=lambda line: (-len(line.stretches), line.name, line.kind))
    held = {c.after.entry.position.stance for c in moves}
    return Timeline(
        tuple(lines), _month_ticks(first, until, total), tuple(s for s in STANCES if s in held)
    )


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of days with one answer: bounds as heights in percent of the scale."""

    x: float
    width: float
    lower: float
    upper: float
    words: str


@dataclass(frozen=True, slots=True)
class Course:
    """How the bounds moved over time."""

    steps: tuple[Step, ...]
    ticks: tuple[Tick, ...]
    levels: tuple[Tick, ...]
    """Numbers of parties, as heights in percent from below."""
    told: str


def course(points: Sequence[Point], until: date) -> Course | None:
    """The bounds as steps up to `until`; None where they never were above nought."""
    found = [p for p in points if p.day <= until]
    if not any(p.upper for p in found):
        return None
    first = found[0].day.replace(day=1)
    total = max((until - first).days, 1) * 1.015 + 1
    scale = max(p.upper for p in found)
    ends = [*(p.day for p in found[1:]), until + timedelta(days=1)]
    steps = tuple(
        Step(
            100 * (p.day - first).days / total, 100 * (end - p.day).days / total,
            100 * p.lower / scale, 100 * p.upper / scale,
            f"from {day_words(p.day)}: {p.lower} to {p.upper}",
        )
        for p, end in zip(found, ends, strict=True)
    )  # fmt: skip
    bounds = [(p.lower, p.upper) for p in found]
    turns = [p for n, p in enumerate(found) if not n or bounds[n] != bounds[n - 1]]
    told = "; ".join(f"{day_words(p.day)}: {p.lower} to {p.upper}" for p in turns)
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200, 10**6) if scale / s <= 5)
    levels = tuple(Tick(100 * n / scale, str(n)) for n in range(0, scale + 1, step))
    return Course(steps, _month_ticks(first, until, total), levels, told)


def _told(change: Change) -> str:
    conditions = ", with conditions" if change.after.entry.position.conditions else ""
    return stance_words(change.after.entry) + conditions


def _stretch(change: Change, end: date, first: date, total: float) -> Stretch:
    x = 100 * (change.day - first).days / total
    width = 100 * (end - change.day).days / total
    entry = change.after.entry
    return Stretch(
        x, width,
        "denied" if entry.position.negated else entry.position.stance,
        bool(entry.position.conditions), f"{day_words(change.day)}: {_told(change)}", entry.id,
    )  # fmt: skip


def _month_ticks(first: date, until: date, total: float) -> tuple[Tick, ...]:
    months = (until.year - first.year) * 12 + until.month - first.month + 1
    step = next((s for s in MONTHS_APART if months / s <= TICKS_WANTED), MONTHS_APART[-1])
    out: list[Tick] = []
    for n in range(0, months, step):
        year, month = divmod(first.month - 1 + n, 12)
        day = date(first.year + year, month + 1, 1)
        named = f"{day:%b}" if out and month else f"{day:%b} {day.year}"
        out.append(Tick(100 * (day - first).days / total, named if step < 12 else str(day.year)))
    return tuple(out)


def note_words(standing: Standing) -> str | None:
    """What is special about a standing, in words."""
    return NOTE_WORDS.get(standing.note, standing.note) if standing.note else None
