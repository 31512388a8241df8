"""The current position of each holder, on each kind and scope (DESIGN.md, Counting 1, 6, 7, 8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from caveat.ask.question import Question
from caveat.model import TOWARDS_OTHERS, Actor, Entry
from caveat.succession import (
    NEVER,
    Held,
    act_of,
    company,
    distributed,
    in_order,
    known_on,
    last_day,
    replaced_on,
    strength,
)


@dataclass(frozen=True, slots=True)
class Current:
    """A holder's current position on one action, and what was said beside it.

    `lead` is the strongest of them; several contradict each other where their stances differ.
    """

    held: tuple[Held, ...]
    lead: Held
    superseded: tuple[Held, ...]
    stale: bool

    @property
    def disputed(self) -> bool:
        """Whether statements of one day differ in stance."""
        said = {(h.entry.position.stance, h.entry.position.negated) for h in self.held}
        return len(said) > 1


def known_by(entry: Entry, question: Question) -> bool:
    """Whether it was said, and without hindsight reported, by the question's date."""
    if question.as_of is None:
        return True
    if question.hindsight:
        said = entry.position.said
        if said and said.start and said.start > question.as_of:
            return False
        return (last_day(said) if said else last_day(entry.reported)) <= question.as_of
    return known_on(entry) <= question.as_of


def asked(entries: Iterable[Entry], question: Question) -> list[Entry]:
    """The entries that the question is about, whatever their stance."""
    left_out = {o.casefold() for o in question.without_outlets}
    return [
        e
        for e in entries
        if e.position.kind in question.kinds
        and known_by(e, question)
        and (e.outlet or "").casefold() not in left_out
        and (e.reviewed or not question.reviewed_only)
        and (
            question.beneficiary is None
            or not e.position.beneficiary_actors
            or question.beneficiary in e.position.beneficiary_actors
        )
    ]


def in_scope(entry: Entry) -> bool:
    """Whether the position belongs to the undertaking's scope; without a scope it does."""
    return entry.position.scope is None or entry.position.scope.inside


def is_party(actor: Actor) -> bool:
    """Whether an actor can be counted: a state, bloc or body, not a person and not an outlet."""
    return actor.type in ("state", "bloc", "body")


def by_holder(entries: Iterable[Entry], actors: Mapping[str, Actor]) -> dict[str, list[Held]]:
    """Each named holder's entries, those of listed groups at their members; own word wins there."""
    found = distributed(entries, actors)
    return {h: _own_word_wins(held) for h, held in sorted(found.items())}


def _own_word_wins(held: list[Held]) -> list[Held]:
    """Drop what came through a listed group on kinds on which the member has its own word."""
    own = {h.entry.position.kind for h in held if h.own and h.by_bloc is None}
    return [h for h in held if h.by_bloc is None or h.entry.position.kind not in own]


def currents(held: Iterable[Held], question: Question, max_age_days: int) -> list[Current]:
    """The current positions among one holder's entries of one sort of voice.

    Stances towards others take no part; the later statement wins on the same action; a denied
    one takes away its rung from what came before and is no position itself.
    """
    words = sorted((h for h in held if h.entry.position.stance not in TOWARDS_OTHERS), key=in_order)
    standing: defaultdict[tuple[date, date], list[Held]] = defaultdict(list)
    gone = []
    for h, day in zip(words, replaced_on(words), strict=True):
        if day == NEVER:
            standing[h.when].append(h)
        else:
            gone.append(h)
    limit = (question.as_of or date.today()) - timedelta(days=max_age_days)
    out: dict[frozenset[str], Current] = {}
    # strongest first: it leads those that are said beside each other
    leads = [h for some in standing.values() for h in some if h.is_position]
    for lead in sorted(leads, key=lambda h: (strength(h), h.entry.id), reverse=True):
        beside = company(lead, standing[lead.when])
        key = frozenset(h.entry.id for h in beside)
        if key not in out:
            out[key] = Current(beside, lead, _before(lead, gone), lead.when[0] < limit)
    return list(out.values())


def _before(lead: Held, gone: Iterable[Held]) -> tuple[Held, ...]:
    act = act_of(lead.entry)
    return tuple(h for h in gone if h.when < lead.when and act.same(act_of(h.entry)))
