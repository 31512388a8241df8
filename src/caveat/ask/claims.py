"""Group claims: "26 countries", "around 30 states" (DESIGN.md, Counting 9).

They stand beside the named count with speaker, date and wording, and are never added to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from caveat.ask.current import in_scope, known_by
from caveat.ask.question import Question
from caveat.model import LADDER, TOWARDS_OTHERS, Actor, Entry
from caveat.succession import Held, last_day, standing_words


@dataclass(frozen=True, slots=True)
class GroupClaim:
    """What was said of an unnamed group, in every outlet that carried it.

    `size` is (least, most) where the words give a number. `not_comparable` says why the claim
    cannot stand against the named count; None where kind, rung, date and scope match.
    """

    group: str
    wording: str
    size: tuple[int | None, int | None] | None
    entries: tuple[Entry, ...]
    not_comparable: str | None

    @property
    def entry(self) -> Entry:
        """The first report of it."""
        return self.entries[0]


def group_claims(
    entries: Iterable[Entry],
    actors: Mapping[str, Actor],
    question: Question,
) -> tuple[GroupClaim, ...]:
    """The claims about unnamed groups known by the question's date, newest first.

    Those of other kinds are listed where they name a number of parties, as wider claims.
    """
    found: dict[tuple[str, object], list[Entry]] = {}
    left_out = {o.casefold() for o in question.without_outlets}
    for e in entries:
        if (e.outlet or "").casefold() in left_out or (question.reviewed_only and not e.reviewed):
            continue
        groups = [h for h in e.holders if (a := actors.get(h)) is not None and a.type == "group"]
        if not groups or not known_by(e, question) or e.position.stance not in (*LADDER, "refused"):
            continue
        if e.position.kind not in question.kinds and e.position.group_size is None:
            continue
        found.setdefault((e.origin, e.position.group_size or e.holder_words), []).append(e)
    claims = [_claim(group, question) for group in found.values()]
    return tuple(
        sorted(claims, key=lambda c: (last_day(c.entry.reported), c.entry.id), reverse=True)
    )


def _claim(entries: list[Entry], question: Question) -> GroupClaim:
    entries = sorted(entries, key=lambda e: (last_day(e.reported), e.id))
    first = entries[0]
    return GroupClaim(
        group=first.holders[0],
        wording=", ".join(first.holder_words),
        size=first.position.group_size,
        entries=tuple(entries),
        not_comparable=_why_not(first, question),
    )


def _why_not(entry: Entry, question: Question) -> str | None:
    p = entry.position
    if p.kind not in question.kinds:
        return f"wider claim: about {p.kind}"
    if p.stance == "refused":
        return "another stance: refused"
    if p.negated:
        return f"denied: not {p.stance}"
    if LADDER.index(p.stance) < LADDER.index(question.at_least):
        return f"lower rung: {p.stance}"
    if not in_scope(entry):
        return f"out of scope: {p.scope.reason if p.scope else ''}"
    return None


def towards_others(held: Iterable[Held]) -> tuple[Held, ...]:
    """One holder's standing stances towards others' acts: listed beside the count, never tiered."""
    return tuple(h for h in standing_words(held) if h.entry.position.stance in TOWARDS_OTHERS)
