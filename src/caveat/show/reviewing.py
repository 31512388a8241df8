"""Checking positions one by one: what to look at first, one key for each answer, nothing lost.

Each answer is written at once, so that a session may end at any key. `queue` is for the command
and for pages alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from caveat.ask import Question, count, question
from caveat.errors import ReviewError
from caveat.model import KINDS, Actor, Entry
from caveat.register import FIELDS, Register, Review, Reviewed, ReviewVerdict, Stats
from caveat.undertaking import Undertaking

Sort = Literal["open", "second", "disagreements"]
DECIDING = ("firm", "conditional", "disputed")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A position that waits for a look, and why it comes when it does."""

    entry: Entry
    why: str
    reviews: tuple[Review, ...] = ()


def queue(
    register: Register,
    undertaking: Undertaking,
    actors: Mapping[str, Actor],
    who: str,
    sort: Sort = "open",
    kinds: Sequence[str] = KINDS,
) -> list[Waiting]:
    """The positions that wait for a reviewer, what moves an answer first.

    "open": nobody has reviewed them; "second": somebody else has, and a second person is awaited;
    "disagreements": reviewers differ.
    """
    reviewed = register.reviewed()
    entries = [e for e in register.entries() if e.position.kind in kinds and not _by_hand(e)]
    if sort == "open":
        found = [e for e in entries if e.id not in reviewed.outcomes]
        return _by_weight(found, entries, undertaking, actors)
    waiting = []
    for e in entries:
        outcome = reviewed.outcomes.get(e.id)
        if outcome is None:
            continue
        mine = any(r.who == who for r in outcome.reviews)
        if sort == "disagreements" and outcome.disagree:
            waiting.append(Waiting(e, "reviewers differ", outcome.reviews))
        elif sort == "second" and len(outcome.reviews) == 1 and not mine:
            waiting.append(Waiting(e, f"reviewed by {outcome.reviews[0].who}", outcome.reviews))
    return waiting


def _by_hand(e: Entry) -> bool:
    return e.reader == "hand"


def _by_weight(
    found: Iterable[Entry],
    entries: Sequence[Entry],
    undertaking: Undertaking,
    actors: Mapping[str, Actor],
) -> list[Waiting]:
    """First what a bound rests on, then what the reader was unsure of, then the newest."""
    decides: set[str] = set()
    for kind in {e.position.kind for e in entries}:
        of_kind = [e for e in entries if e.position.kind == kind]
        q = question(undertaking, [kind], template=Question())
        answer = count(of_kind, actors, undertaking, q)
        deciding = (s for s in answer.standings if s.tier in DECIDING)
        decides |= {h.entry.id for s in deciding for h in s.rests_on}
    ranked = []
    for e in found:
        unsure = any(c.name == "low-confidence" for c in e.position.caveats)
        rank, why = 2, "not reviewed"
        if e.id in decides:
            rank, why = 0, "a bound rests on it"
        elif unsure:
            rank, why = 1, "the reader was unsure"
        day = (e.reported and (e.reported.end or e.reported.start)) or date.min
        ranked.append(((rank, -day.toordinal(), e.id), Waiting(e, why)))
    return [w for _, w in sorted(ranked, key=lambda r: r[0])]


# ------------------------------------------------------------------ a session


@dataclass(frozen=True, slots=True)
class Done:
    """What a session came to, by verdict; `left` positions still wait."""

    verdicts: Mapping[str, int]
    left: int


KEYS = {"a": "accept", "c": "correct", "r": "reject", "s": "skip", "u": "undo", "q": "quit"}


class Session:
    """One person at one register. `key` waits for a key, `line` for a line, `show` tells."""

    def __init__(
        self,
        register: Register,
        who: str,
        key: Callable[[], str],
        line: Callable[[str], str],
        show: Callable[[Waiting | str, int, int], None],
    ) -> None:
        self._register, self._who = register, who
        self._key, self._line, self._show = key, line, show
        self._given: list[tuple[int, str, ReviewVerdict]] = []

    def run(self, waiting: Sequence[Waiting]) -> Done:
        """Go through the positions; ends with them, or with the key "q"."""
        at = 0
        while at < len(waiting):
            self._show(waiting[at], at + 1, len(waiting))
            step = self._answer(waiting[at], at)
            if step is None:
                break
            at = max(0, at + step)
        tally: dict[str, int] = {}
        for _, _, verdict in self._given:
            tally[verdict] = tally.get(verdict, 0) + 1
        return Done(tally, len(waiting) - at)

    def _answer(self, one: Waiting, at: int) -> int | None:
        """How far to go on: 1, 0 where the key was not understood, or back; None to end."""
        action = KEYS.get(self._key().lower())
        if action == "quit":
            return None
        if action == "skip":
            return 1
        if action == "undo":
            return self._undo(at)
        if action in ("accept", "reject", "correct"):
            return self._give(one, action, at)  # type: ignore[arg-type]  # of the verdicts
        self._show("keys: " + "  ".join(f"{k} {v}" for k, v in KEYS.items()), 0, 0)
        return 0

    def _give(self, one: Waiting, verdict: ReviewVerdict, at: int) -> int:
        try:
            changes = (
                parse_changes(self._line("field=value … ").split())
                if verdict == "correct"
                else None
            )
            why = self._line("reason (may stay empty) ") if verdict != "accept" else ""
            self._register.review(one.entry.id, verdict, changes, who=self._who, why=why)
        except ReviewError as e:
            self._show(str(e), 0, 0)
            return 0
        self._given.append((at, one.entry.id, verdict))
        return 1

    def _undo(self, at: int) -> int:
        """Take this session's last answer back, and return to its position."""
        if not self._given:
            self._show("nothing to undo", 0, 0)
            return 0
        back, id_, _ = self._given.pop()
        self._register.review(id_, "withdrawn", who=self._who, why="undone")
        return back - at


def parse_changes(given: Iterable[str]) -> dict[str, Any]:
    """Corrections as people write them: stance=ready holders=iso:FR,iso:GB negated=no said=2025-…

    `conditions=none` takes all away; `conditions=if:ceasefire;only_if:mandate` states them.
    Raises `ReviewError` for what names no field.
    """
    out: dict[str, Any] = {}
    for each in given:
        name, mark, value = each.partition("=")
        if not mark or name not in FIELDS:
            raise ReviewError(f"{each!r} is no correction: write field=value; {', '.join(FIELDS)}")
        out[name] = _value(name, value)
    return out


def _value(name: str, value: str) -> Any:
    if name == "negated":
        if value not in ("yes", "no"):
            raise ReviewError(f"negated is yes or no, not {value!r}")
        return value == "yes"
    if name == "holders":
        return [v for v in value.split(",") if v]
    if name == "said":
        return value.split("/") if "/" in value else value
    if name == "conditions":
        return [] if value == "none" else list(_conditions(value))
    return value


def _conditions(value: str) -> Iterator[dict[str, Any]]:
    for part in value.split(";"):
        relation, mark, proposition = part.partition(":")
        if not mark:
            raise ReviewError(f"{part!r} is no condition: write relation:proposition")
        yield {"relation": relation, "proposition": proposition}


def reviewed_objects(found: Reviewed) -> list[dict[str, Any]]:
    """Each reviewed position's reviews as JSON, and what they come to."""
    return [
        {
            "position": id_,
            "counts": outcome.counts.number if outcome.counts else None,
            "disagree": outcome.disagree,
            "reviews": [review_object(r) for r in outcome.reviews],
        }
        for id_, outcome in sorted(found.outcomes.items())
    ]


def stats_object(found: Stats) -> dict[str, Any]:
    """Statistics as JSON."""
    return {
        "positions": found.positions, "accepted": found.accepted, "corrected": found.corrected,
        "rejected": found.rejected, "precision": found.precision, "fields": dict(found.fields),
        "pairs": found.pairs, "agreeing": found.agreeing, "kappa": found.kappa,
    }  # fmt: skip


def review_object(r: Review) -> dict[str, Any]:
    """A review as JSON."""
    return {
        "number": r.number, "position": r.position, "article": r.article, "verdict": r.verdict,
        "content": dict(r.content), "by": r.who, "why": r.why, "at": r.at,
    }  # fmt: skip
