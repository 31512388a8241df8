"""Whose position a position is, and which later word takes its place (DESIGN.md, Counting 1, 7, 8).

Pure, over the records of `model`: the register keeps what follows from it in indexes, counting
applies it to what was asked. A later word takes the place of an earlier one of the same holder, in
the same sort of voice, on the same action. That is a relation of pairs: what replaces a word does
not depend on what else is asked about, so that those still standing on a day are those that no
word known by that day replaces.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from caveat.model import LADDER, OWN_VOICES, TOWARDS_OTHERS, Actor, Entry, Interval, Voice

NEVER = date.max
"""The day of what does not come, or is not known."""
LAST = date.fromordinal(NEVER.toordinal() - 1)
"""After every day that can be asked for, before `NEVER`."""

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

WEAKEST_FIRST = (
    "refused", "threatens", "opposes", "demands", "considering", "ready", "pledged", "done",
)  # fmt: skip
"""Stances as a board ranks them."""


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

    @property
    def is_position(self) -> bool:
        """Whether it puts its holder somewhere: no denial, and no stance towards others' acts."""
        p = self.entry.position
        return not p.negated and p.stance not in TOWARDS_OTHERS


def last_day(interval: Interval | None) -> date:
    """The latest day of an interval; what is not dated at all counts as oldest."""
    if interval is None:
        return date.min
    return interval.end or interval.start or date.min


def known_on(entry: Entry) -> date:
    """The day from which it counts as said and reported; `NEVER` where nothing is dated."""
    said = entry.position.said
    if entry.reported is not None:
        reported = last_day(entry.reported)
    else:
        reported = last_day(said) if said is not None else NEVER
    return max(said.start, reported) if said and said.start else reported


def distributed(entries: Iterable[Entry], actors: Mapping[str, Actor]) -> dict[str, list[Held]]:
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
    return out


def _voice_for(entry: Entry, holder: str, *, alone: bool) -> Voice:
    voice = entry.position.voice
    if voice not in OWN_VOICES or entry.speaker_party is None:
        return voice
    if entry.speaker_party == holder or (alone and len(entry.holders) == 1):
        return voice
    return "third-party"


# ------------------------------------------------------------------ one action


@dataclass(frozen=True, slots=True)
class Act:
    """What an action is told by: two with equal keys and alike words are the same action."""

    kind: str
    place: str | None
    mission: str | None
    beneficiaries: frozenset[str]
    words: frozenset[str]

    def same(self, other: Act) -> bool:
        """Whether both are the same action."""
        if (self.kind, self.place, self.mission) != (other.kind, other.place, other.mission):
            return False
        for_whom = self.beneficiaries, other.beneficiaries
        if all(for_whom) and not for_whom[0] & for_whom[1]:
            return False
        if self.kind in ONE_ACTION_KINDS:
            return True
        shared = len(self.words & other.words)
        return shared > 0 and 2 * shared >= min(len(self.words), len(other.words))


def act_of(entry: Entry) -> Act:
    """The action of an entry."""
    p = entry.position
    return Act(
        p.kind,
        p.scope.place if p.scope else None,
        p.scope.mission if p.scope else None,
        frozenset(p.beneficiary_actors),
        frozenset() if p.kind in ONE_ACTION_KINDS else _content(entry.action_words),
    )


def same_action(a: Entry, b: Entry) -> bool:
    """Whether two positions are about the same action, so that the later supersedes the earlier."""
    return act_of(a).same(act_of(b))


def _content(words: str) -> frozenset[str]:
    """Content words, cut to their first five letters so that "tanks" and "tank" agree."""
    found = re.findall(r"[^\W\d_]+", words.casefold())
    return frozenset(w[:5].rstrip("s") for w in found if w not in _STOP)


# ------------------------------------------------------------------ what replaces what


def denies(rung: str, stance: str) -> bool:
    """Whether a denied rung takes a stance away: the stance reaches it."""
    if rung == "refused":
        return stance == "refused"
    return stance in LADDER and rung in LADDER and LADDER.index(stance) >= LADDER.index(rung)


def _takes_place(later: Held, earlier: Held) -> bool:
    """Whether a later word is of the sort that replaces an earlier one on the same action."""
    p, q = later.entry.position, earlier.entry.position
    if later.by_bloc is not None and earlier.by_bloc is None:
        return False  # what is said of a group takes no place of what is said of a member
    if p.stance in TOWARDS_OTHERS or q.stance in TOWARDS_OTHERS:
        return p.stance == q.stance
    return denies(p.stance, q.stance) if p.negated else True


def replaced_on(held: Sequence[Held]) -> list[date]:
    """For each word the first day on which a later one that takes its place is known.

    `held` are one holder's words in one sort of voice (their own, or others'). `NEVER` where none
    does.
    """
    order = sorted(range(len(held)), key=lambda i: held[i].when)
    words, acts = [held[i] for i in order], [act_of(held[i].entry) for i in order]
    moments, days = [h.when for h in words], [known_on(h.entry) for h in words]
    soonest = [NEVER] * (len(words) + 1)  # of this word and all later ones
    for n in range(len(words) - 1, -1, -1):
        soonest[n] = min(days[n], soonest[n + 1])
    out = [NEVER] * len(words)
    for n, at in enumerate(order):
        best = NEVER
        for m in range(n + 1, len(words)):
            if best <= soonest[m]:
                break
            later = days[m] < best and moments[m] > moments[n]
            if later and acts[m].same(acts[n]) and _takes_place(words[m], words[n]):
                best = days[m]
        out[at] = best
    return out


def standing_words(held: Iterable[Held]) -> list[Held]:
    """One holder's words that no later one among them replaces, in order of time."""
    out = []
    for own in (True, False):
        some = sorted((h for h in held if h.own is own), key=in_order)
        out += [h for h, day in zip(some, replaced_on(some), strict=True) if day == NEVER]
    return sorted(out, key=in_order)


def in_order(held: Held) -> tuple[tuple[date, date], bool, str]:
    """By time; of one time, denials after what they deny."""
    return held.when, held.entry.position.negated, held.entry.id


def company(lead: Held, others: Iterable[Held]) -> tuple[Held, ...]:
    """A standing position with what was said beside it: at the same time, on the same action."""
    act, stance = act_of(lead.entry), lead.entry.position.stance
    return tuple(
        h
        for h in others
        if h is lead or (h.when == lead.when and beside(act, stance, act_of(h.entry),
                                                        h.entry.position.stance, h.is_position))
    )  # fmt: skip


def beside(act: Act, stance: str, other: Act, said: str, is_position: bool) -> bool:
    """Whether of two words of one time the other stands beside a position: it, too, is one on the
    same action, or a denial of it."""
    if not act.same(other) or said in TOWARDS_OTHERS:
        return False
    return is_position or denies(said, stance)


_DAYS = 22
"""Bits that hold a day's ordinal."""
MOMENTS = 1 << 2 * _DAYS
"""A strength modulo this is its word's moment."""


def strength(held: Held) -> int:
    """What ranks a holder's words on a kind: positions before the rest, own before others' words,
    then the stance, then time. A number, so that an index can hold it.
    """
    p = held.entry.position
    rank = WEAKEST_FIRST.index(p.stance) if held.is_position else int(held.own)
    first = (2 if held.own else 1) if held.is_position else 0
    return (first << 4 | rank) * MOMENTS + moment(held)


def moment(held: Held) -> int:
    """The time of a word as one number."""
    said, reported = (d.toordinal() for d in held.when)
    return said << _DAYS | reported


def day_of(moment_: int) -> date:
    """The day said (its latest possible) of a moment."""
    return date.fromordinal(moment_ >> _DAYS)
