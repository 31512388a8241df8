"""The board (actors × kinds) and each actor's changes over time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from caveat.ask.current import by_holder, currents, in_scope, known_by
from caveat.ask.question import Question
from caveat.model import KINDS, Actor, Entry
from caveat.succession import Held, moment, strength
from caveat.undertaking import Undertaking


@dataclass(frozen=True, slots=True)
class Cell:
    """An actor's current position on one kind.

    `own` is False where only others speak of it; `stance` is the strongest current one.
    """

    actor: str
    kind: str
    stance: str
    own: bool
    conditional: bool
    disputed: bool
    stale: bool
    negated: bool
    positions: tuple[str, ...]
    """Ids of the position that decides, and of what was said beside it."""


@dataclass(frozen=True, slots=True)
class Board:
    """Actors × kinds; rows and columns without any position are left out."""

    actors: tuple[str, ...]
    kinds: tuple[str, ...]
    cells: Mapping[tuple[str, str], Cell]


@dataclass(frozen=True, slots=True)
class Change:
    """One move of an actor on one kind: what held before (None at first) and what came."""

    actor: str
    kind: str
    day: date
    before: Held | None
    after: Held


def board(
    entries: Iterable[Entry],
    actors: Mapping[str, Actor],
    undertaking: Undertaking,
    question: Question,
) -> Board:
    """The current positions of every named actor on every kind by the question's date."""
    known = [e for e in entries if known_by(e, question) and in_scope(e)]
    cells = {}
    for holder, held in by_holder(known, actors).items():
        for kind in KINDS:
            mine = [h for h in held if h.entry.position.kind == kind]
            if mine and (cell := _cell(holder, kind, mine, question, undertaking.max_age_days)):
                cells[holder, kind] = cell
    return board_of(cells, actors)


def board_of(cells: Mapping[tuple[str, str], Cell], actors: Mapping[str, Actor]) -> Board:
    """A board of filled cells: states first, then blocs, bodies and people, by name."""
    rows = {a for a, _ in cells}
    return Board(
        actors=tuple(sorted(rows, key=lambda a: (_rank(a, actors), actors[a].name))),
        kinds=tuple(k for k in KINDS if any(k == kind for _, kind in cells)),
        cells=cells,
    )


def _rank(actor: str, actors: Mapping[str, Actor]) -> int:
    order = {"state": 0, "bloc": 1, "body": 2, "person": 3}
    return order.get(actors[actor].type, 4)


def _cell(
    actor: str, kind: str, held: list[Held], question: Question, max_age_days: int
) -> Cell | None:
    own_held = [h for h in held if h.own]
    found = currents(own_held, question, max_age_days)
    own = bool(found)
    if not found:
        found = currents([h for h in held if not h.own], question, max_age_days)
    if found:
        best = max(found, key=lambda c: (strength(c.lead), c.lead.entry.id))
        return Cell(
            actor, kind, best.lead.entry.position.stance, own,
            conditional=all(h.entry.position.conditions for h in best.held),
            disputed=best.disputed, stale=best.stale, negated=False,
            positions=tuple(h.entry.id for h in best.held),
        )  # fmt: skip
    # no commitment of its own: a stance towards others, or a rung that was denied
    last = max(held, key=lambda h: (h.own, moment(h), h.entry.id))
    p = last.entry.position
    return Cell(
        actor, kind, p.stance, last.own, conditional=bool(p.conditions), disputed=False,
        stale=False, negated=p.negated, positions=(last.entry.id,),
    )  # fmt: skip


def changes(
    entries: Iterable[Entry],
    actors: Mapping[str, Actor],
    question: Question,
    since: date | None = None,
) -> tuple[Change, ...]:
    """Each actor's moves in its own words on the question's kinds, in order of time.

    A statement that repeats stance and conditions of the one before is no move.
    """
    known = [
        e
        for e in entries
        if known_by(e, question) and in_scope(e) and e.position.kind in question.kinds
    ]
    out = []
    for holder, held in by_holder(known, actors).items():
        last: dict[str, Held] = {}
        for h in sorted((h for h in held if h.own), key=lambda h: (h.when, h.entry.id)):
            kind = h.entry.position.kind
            before = last.get(kind)
            if before is None or _said(before) != _said(h):
                day = h.when[0]
                if since is None or day >= since:
                    out.append(Change(holder, kind, day, before, h))
            last[kind] = h
    return tuple(sorted(out, key=lambda c: (c.actor, c.kind, c.day)))


def _said(held: Held) -> tuple[object, ...]:
    p = held.entry.position
    return p.stance, p.negated, frozenset((c.relation, c.proposition) for c in p.conditions)
