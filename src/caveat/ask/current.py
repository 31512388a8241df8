"""The current position of each holder, on each kind and scope (DESIGN.md, Counting 1, 6, 7, 8)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from caveat.ask.question import Question
from caveat.model import LADDER, OWN_VOICES, TOWARDS_OTHERS, Actor, Entry, Interval, Voice

ONE_ACTION_KINDS = frozenset(
    {"troops", "air", "naval", "training", "intelligence", "membership", "guarantee", "recognition"}
)
"""Kinds that name one action by themselves: "send soldiers" and "deploy a battalion" to one place
are the same action. In other kinds (weapons, money, talks) two actions are the same where their
words are: tanks are not jets."""

_STOP = frozenset(
    # function words, and verbs of giving that say nothing of what is given
    w
    for line in (
        "a an the to of for in on at by with and or its his her their our your more further",
        "additional new some any send sending sent give giving provide providing supply deliver",
    )
    for w in line.split()
)


@dataclass(frozen=True, slots=True)
class Held:
    """An entry as one holder's position: its voice for this holder, and how it came to them."""

    holder: str
    entry: Entry
    voice: Voice
    by_bloc: str | None = None
    """The listed group that the text names, where the holder is one of its members."""

    @property
    def own(self) -> bool:
        """Whether it is the holder's own word."""
        return self.voice in OWN_VOICES

    @property
    def when(self) -> tuple[date, date]:
        """What orders statements: the day said (its latest possible), then the day reported."""
        reported = last_day(self.entry.reported)
        said = self.entry.position.said
        return (last_day(said) if said else reported, reported)


@dataclass(frozen=True, slots=True)
class Current:
    """A holder's current positions on one action: one, or several that contradict each other."""

    held: tuple[Held, ...]
    superseded: tuple[Held, ...]
    stale: bool

    @property
    def disputed(self) -> bool:
        """Whether statements of one day differ in stance."""
        said = {(h.entry.position.stance, h.entry.position.negated) for h in self.held}
        return len(said) > 1


def last_day(interval: Interval | None) -> date:
    """The latest day of an interval; what is not dated at all counts as oldest."""
    if interval is None:
        return date.min
    return interval.end or interval.start or date.min


def known_by(entry: Entry, question: Question) -> bool:
    """Whether it was said, and without hindsight reported, by the question's date."""
    if question.as_of is None:
        return True
    said = entry.position.said
    if said and said.start and said.start > question.as_of:
        return False
    if question.hindsight:
        return (last_day(said) if said else last_day(entry.reported)) <= question.as_of
    if entry.reported is None:
        return said is not None and last_day(said) <= question.as_of
    return last_day(entry.reported) <= question.as_of


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
    """Each named holder's entries; listed groups distribute to their members.

    A position said of several holders by one of them is that one's own word and others' word
    for the rest: a president who says what two states would do speaks for one of them.
    """
    out: dict[str, list[Held]] = defaultdict(list)
    for entry in entries:
        for holder in entry.holders:
            actor = actors.get(holder)
            if actor is None or actor.type == "group":
                continue
            for member in actor.members or (holder,):
                voice = _voice_for(entry, member, alone=not actor.members)
                out[member].append(Held(member, entry, voice, holder if actor.members else None))
    return {h: _own_word_wins(held) for h, held in sorted(out.items())}


def _voice_for(entry: Entry, holder: str, *, alone: bool) -> Voice:
    voice = entry.position.voice
    if voice not in OWN_VOICES or entry.speaker_party is None:
        return voice
    if entry.speaker_party == holder or (alone and len(entry.holders) == 1):
        return voice
    return "third-party"


def _own_word_wins(held: list[Held]) -> list[Held]:
    """Drop what came through a listed group on kinds on which the member has its own word."""
    own = {h.entry.position.kind for h in held if h.own and h.by_bloc is None}
    return [h for h in held if h.by_bloc is None or h.entry.position.kind not in own]


def currents(held: Iterable[Held], question: Question, max_age_days: int) -> list[Current]:
    """The current positions among one holder's entries of one sort of voice, action by action.

    Stances towards others take no part; the later statement wins on the same action; a negated
    one takes away its rung from what came before and is no position itself.
    """
    groups: list[list[Held]] = []
    for one in sorted(held, key=_order):
        if one.entry.position.stance in TOWARDS_OTHERS:
            continue
        group = next((g for g in groups if same_action(g[0].entry, one.entry)), None)
        if group is None:
            groups.append([one])
        else:
            group.append(one)
    return [c for g in groups if (c := _latest(g, question, max_age_days)) is not None]


def _order(one: Held) -> tuple[tuple[date, date], bool, str]:
    return one.when, one.entry.position.negated, one.entry.id  # denials after what they deny


def _latest(group: list[Held], question: Question, max_age_days: int) -> Current | None:
    standing: list[Held] = []
    gone: list[Held] = []
    for one in group:
        if one.entry.position.negated:
            reaching = [h for h in standing if _reaches(h, one.entry.position.stance)]
            lost = [h for h in reaching if h.when < one.when]
            if len(lost) < len(reaching):  # said and denied on one day: disputed
                standing.append(one)
        else:
            lost = [h for h in standing if h.when < one.when]
        gone += lost
        standing = [h for h in standing if h not in lost]
        if not one.entry.position.negated:
            standing.append(one)
    if not standing:
        return None
    limit = (question.as_of or date.today()) - timedelta(days=max_age_days)
    stale = standing[-1].when[0] < limit
    return Current(tuple(standing), tuple(gone), stale)


def _reaches(held: Held, rung: str) -> bool:
    stance = held.entry.position.stance
    if rung == "refused":
        return stance == "refused"
    return stance in LADDER and rung in LADDER and LADDER.index(stance) >= LADDER.index(rung)


def same_action(a: Entry, b: Entry) -> bool:
    """Whether two positions are about the same action, so that the later supersedes the earlier."""
    p, q = a.position, b.position
    if p.kind != q.kind or _scope_key(a) != _scope_key(b):
        return False
    if (
        p.beneficiary_actors
        and q.beneficiary_actors
        and not set(p.beneficiary_actors) & set(q.beneficiary_actors)
    ):
        return False
    if p.kind in ONE_ACTION_KINDS:
        return True
    x, y = _content(a.action_words), _content(b.action_words)
    return bool(x & y) and 2 * len(x & y) >= min(len(x), len(y))


def _scope_key(entry: Entry) -> tuple[str | None, str | None]:
    scope = entry.position.scope
    return (scope.place, scope.mission) if scope else (None, None)


def _content(words: str) -> frozenset[str]:
    """Content words, cut to their first five letters so that "tanks" and "tank" agree."""
    found = re.findall(r"[^\W\d_]+", words.casefold())
    return frozenset(w[:5].rstrip("s") for w in found if w not in _STOP)
