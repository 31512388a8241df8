"""What cannot stand together: a holder's incompatible stances, and group claims of one matter.

Two current positions of one holder on one action conflict where one reaches the ladder's `ready`
and the other is below it, refuses or denies it: by different voices, on one day, or by others' word
near to or after the holder's own. A change of mind by the same voice is `superseded` and no
conflict. Conditions do not make a conflict: "ready if" and "ready" do not contradict each other.

Two group claims conflict where one says of more parties than the other allows that they reach a
rung at least as high, near in time and in the same scope. Of reports that give one number only the
first is set against another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations
from typing import Literal

from caveat.ask.claims import GroupClaim, group_claims
from caveat.ask.current import asked, by_holder, currents, in_scope, is_party
from caveat.ask.question import Question
from caveat.model import LADDER, Actor, Caveat, Entry
from caveat.succession import Held, last_day, same_action
from caveat.undertaking import Undertaking

NEAR_DAYS = 30
"""Others' word so long before the holder's own, and claims so far apart, are still compared."""
ROUGH = 0.2
"""The share by which "about ten" may be off; all numbers of parties are taken as rough."""

Level = Literal["reached", "weighed", "refused", "denied"]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two sides that cannot both be so; `holder` is None for group claims."""

    holder: str | None
    kind: str
    sides: tuple[Held | GroupClaim, Held | GroupClaim]
    why: str

    @property
    def entries(self) -> tuple[Entry, Entry]:
        """The two sides' positions; a claim's first report."""
        return self.sides[0].entry, self.sides[1].entry


def conflicts(
    entries: Iterable[Entry],
    actors: Mapping[str, Actor],
    undertaking: Undertaking,
    question: Question,
) -> tuple[Conflict, ...]:
    """All conflicts among what the question is about, holders' first, the latest first."""
    entries = list(entries)
    about = [e for e in asked(entries, question) if in_scope(e)]
    found: list[Conflict] = []
    for holder, held in by_holder(about, actors).items():
        if is_party(actors[holder]):
            found += _of_holder(holder, held, undertaking, question)
    claims = group_claims(entries, actors, question)
    found += _of_claims(c for c in claims if c.not_comparable is None)
    return tuple(sorted(found, key=_order, reverse=True))


def _order(c: Conflict) -> tuple[bool, object, str, str]:
    one, other = c.entries
    return c.holder is not None, max(last_day(one.reported), last_day(other.reported)), \
        c.holder or "", one.id  # fmt: skip


def level(held: Held) -> Level | None:
    """Where a position stands for a comparison; None for stances towards others."""
    p = held.entry.position
    if p.stance == "refused":
        return "refused"
    if p.stance not in LADDER:
        return None
    reached = LADDER.index(p.stance) >= LADDER.index("ready")
    if p.negated:
        return "denied" if reached else None
    return "reached" if reached else "weighed"


def _of_holder(
    holder: str, held: list[Held], undertaking: Undertaking, question: Question
) -> Iterator[Conflict]:
    age = undertaking.max_age_days
    current = list(_standing([h for h in held if h.own], question, age))
    word = list(_standing([h for h in held if not h.own], question, age))
    seen: set[object] = set()
    for a, b in [*combinations(current, 2), *((x, y) for x in current for y in word)]:
        one, other = sorted((a, b), key=lambda h: (h.when, h.entry.id))
        # an utterance once, however many outlets carry it and however often one article tells it
        by_origin = (one.entry.origin, level(one)), (other.entry.origin, level(other))
        by_article = (one.entry.article_id, level(one)), (other.entry.article_id, level(other))
        if by_origin in seen or by_article in seen or not _incompatible(one, other):
            continue
        seen |= {by_origin, by_article}
        yield Conflict(holder, one.entry.position.kind, (one, other), _why(one, other))


def _standing(held: Iterable[Held], question: Question, age: int) -> Iterator[Held]:
    """What each voice stands by: what it said later on one action takes the place of the former.

    Words that no speaker is named for are the holder's at large: they replace every voice's
    former ones, and any voice's later ones replace them, for nothing shows that two speak.
    """
    limit = (question.as_of or date.today()) - timedelta(days=age)
    found = sorted(held, key=lambda h: (h.when, h.entry.id))
    for n, one in enumerate(found):
        later = (
            h for h in found[n + 1 :]
            if h.when[0] > one.when[0] and level(h) is not None and same_action(one.entry, h.entry)
            and (_voice(one) is None or _voice(h) is None or _voice(one) == _voice(h))
        )  # fmt: skip
        if level(one) is not None and one.when[0] >= limit and next(later, None) is None:
            yield one


def _voice(held: Held) -> object:
    e = held.entry
    if e.speaker_stands == held.holder:
        return None
    return e.speaker_stands or e.speaker_words


def _incompatible(one: Held, other: Held) -> bool:
    a, b = level(one), level(other)
    if a is None or b is None or a == b or {a, b} == {"refused", "denied"}:
        return False
    if {a, b} == {"weighed", "denied"} or not same_action(one.entry, other.entry):
        return False
    if one.own and other.own:
        # two voices, or one day: else the later is a change of mind
        near = (other.when[0] - one.when[0]).days
        two = _voice(one) is not None and _voice(other) is not None and _voice(one) != _voice(other)
        return near == 0 or (two and near <= NEAR_DAYS)
    mine, theirs = (one, other) if one.own else (other, one)
    return (mine.when[0] - theirs.when[0]).days <= NEAR_DAYS


def _why(one: Held, other: Held) -> str:
    words = {"reached": "ready or more", "weighed": "only weighed", "refused": "refused",
             "denied": "denied"}  # fmt: skip
    a, b = level(one), level(other)
    sides = f"{words[a or 'weighed']} and {words[b or 'weighed']}"
    if one.own and other.own:
        day = "on one day" if one.when[0] == other.when[0] else "by two voices"
        return f"{sides}, both in the holder's own words, {day}"
    return f"{sides}: the holder's own word and another's"


def _of_claims(claims: Iterable[GroupClaim]) -> Iterator[Conflict]:
    first: dict[object, GroupClaim] = {}
    for c in sorted(claims, key=lambda c: (last_day(c.entry.reported), c.entry.id)):
        first.setdefault((c.size, c.entry.position.stance, c.entry.position.kind), c)
    for a, b in combinations(first.values(), 2):
        apart = last_day(b.entry.reported) - last_day(a.entry.reported)
        if apart.days <= NEAR_DAYS and (_exceeds(a, b) or _exceeds(b, a)):
            why = "one number is more than the other allows"
            yield Conflict(None, a.entry.position.kind, (a, b), why)


def _exceeds(one: GroupClaim, other: GroupClaim) -> bool:
    """Whether one claims more parties, at a rung at least as high, than the other allows."""
    if one.size is None or other.size is None or one.size[0] is None or other.size[1] is None:
        return False
    p, q = one.entry.position, other.entry.position
    if p.kind != q.kind:
        return False
    if p.stance not in LADDER or q.stance not in LADDER:
        return False
    higher = LADDER.index(p.stance) >= LADDER.index(q.stance)
    return higher and one.size[0] * (1 - ROUGH) > other.size[1] * (1 + ROUGH)


def standing_caveats(
    entry: Entry,
    entries: Iterable[Entry],
    actors: Mapping[str, Actor],
    undertaking: Undertaking,
    question: Question | None = None,
) -> Entry:
    """A position with the caveats that hang on all others and on the day asked for.

    `superseded` where a later word of the same holder on the same action stands in its place,
    `disputed` where a current one contradicts it, `stale` past the undertaking's age limit.
    """
    p = entry.position
    asked_for = question or Question(kinds=(p.kind,))
    about = [e for e in asked(entries, asked_for) if in_scope(e) == in_scope(entry)]
    found: dict[str, str] = {}
    for holder, held in by_holder(about, actors).items():
        if entry.id not in {h.entry.id for h in held} or not is_party(actors[holder]):
            continue
        mine = next(h for h in held if h.entry.id == entry.id)
        alike = [h for h in held if h.own == mine.own]
        for c in currents(alike, asked_for, undertaking.max_age_days):
            later = c.held[-1]
            again = later.entry.origin == entry.origin  # the same words, carried later
            if entry.id in {h.entry.id for h in c.superseded} and not again:
                found["superseded"] = (
                    f"A later word on the same action ({later.entry.position.stance}, "
                    f"{later.when[0].isoformat()}) stands in its place."
                )
            if entry.id in {h.entry.id for h in c.held} and c.stale:
                found["stale"] = f"It is older than {undertaking.max_age_days} days."
        for conflict in _of_holder(holder, held, undertaking, asked_for):
            one, other = conflict.entries
            if entry.id in (one.id, other.id):
                against = other if entry.id == one.id else one
                found["disputed"] = (
                    f"{against.outlet or 'Another article'} has the same holder as "
                    f"{against.position.stance} on it: {conflict.why}."
                )
    more = tuple(Caveat(name, why) for name, why in sorted(found.items()))
    return replace(entry, position=replace(p, caveats=(*p.caveats, *more)))
