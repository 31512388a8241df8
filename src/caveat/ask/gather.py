"""What an answer can rest on, out of a register of any size.

A count looks at the words of the kinds asked that still stand on its day, at those of other kinds
that their conditions speak of, and at claims. The register has an index of them. Questions that
leave words out (outlets, voices, unreviewed ones), or that look back with hindsight, are about
other successions than the index's: for these all words of the kinds are loaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from caveat.ask.board import Board, Cell, board, board_of
from caveat.ask.others import kinds_named
from caveat.ask.question import Question
from caveat.model import OWN_VOICES, VOICES, Actor, Entry
from caveat.register import Register
from caveat.undertaking import Undertaking

_NAMES = re.compile(r"\(([^(),]+)")
"""The actor in a proposition: "does(US, air)", "consents(RU)"."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The entries that a question is to be asked of, and all actors that they name."""

    entries: tuple[Entry, ...]
    actors: Mapping[str, Actor]


def gather(
    register: Register, undertaking: Undertaking, question: Question, *, whole: bool = False
) -> Gathered:
    """Load what the answer to a question can rest on.

    With `whole` the words that later ones replaced as well (for `changes`, `conflicts`, timelines).
    Counts of both are the same, but for the lists of what was superseded.
    """
    found: dict[str, Entry] = {}
    loaded: set[str] = set()
    wanted = set(question.kinds)
    while wanted - loaded:
        more = sorted(wanted - loaded)
        if whole or not by_index(question):
            new = register.entries(more)
        else:
            new = register.standing(more, question.as_of)
        found |= {e.id: e for e in new}
        loaded |= wanted
        wanted |= kinds_named(new, undertaking)
    entries = tuple(found.values())
    return Gathered(entries, register.actors(_named(entries, undertaking, question)))


def by_index(question: Question) -> bool:
    """Whether the register's index of standing words answers a question."""
    voices = set(question.voices)
    return (
        voices in ({*OWN_VOICES}, {*VOICES})
        and not question.without_outlets
        and not question.reviewed_only
        and not question.hindsight
        and question.beneficiary is None
    )


def gather_board(
    register: Register, undertaking: Undertaking, question: Question
) -> tuple[Board, Mapping[str, Actor]]:
    """The board on a day, of all kinds, and the actors that it names."""
    found = register.strongest(question.as_of) if by_index(question) else None
    if found is None:
        actors = register.actors()
        return board(register.entries(), actors, undertaking, question), actors
    actors = register.actors({w.holder for w in found})
    limit = (question.as_of or date.today()) - timedelta(days=undertaking.max_age_days)
    cells = {
        (w.holder, w.kind): Cell(
            w.holder, w.kind, w.stance, w.own, w.conditional, w.disputed,
            stale=w.positional and w.said < limit, negated=w.negated, positions=w.positions,
        )
        for w in found
    }  # fmt: skip
    return board_of(cells, actors), actors


def _named(entries: Iterable[Entry], undertaking: Undertaking, question: Question) -> set[str]:
    """All ids that an answer may have to name."""
    ids = set(undertaking.roster) | set(undertaking.beneficiaries)
    propositions = {p for p, _ in question.assumptions}
    for e in entries:
        p = e.position
        ids.update(e.holders, p.holder_actors, p.beneficiary_actors, p.addressee_actors,
                   p.relay_actors)  # fmt: skip
        ids.update(x for x in (e.speaker_party, e.speaker_stands, p.speaker_actor) if x)
        propositions.update(c.proposition for c in p.conditions if c.proposition)
    for name in propositions:
        for actor in _NAMES.findall(name):
            ids.update((actor, f"iso:{actor}"))
    return ids
