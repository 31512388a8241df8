"""How an answer moved: the same question on every day on which what is known changed.

Each point is a whole count of that day, so that a timeline says nothing that `count --as-of` would
not say. Where there are more such days than points are wanted, evenly spread ones are taken, the
last always; what lies between two points is not interpolated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from caveat.ask.count import tally
from caveat.ask.current import asked, in_scope
from caveat.ask.question import Question
from caveat.ask.tiers import Tier
from caveat.model import Actor, Entry
from caveat.succession import NEVER, known_on
from caveat.undertaking import Undertaking

MOST_POINTS = 60


@dataclass(frozen=True, slots=True)
class Point:
    """The answer on a day: bounds, how many firm, and each heard party's tier."""

    day: date
    lower: int
    upper: int
    firm: int
    tiers: Mapping[str, Tier]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The points in order of time; `days` is on how many days what is known changed."""

    points: tuple[Point, ...]
    days: int

    @property
    def parties(self) -> tuple[str, ...]:
        """All parties heard at some point, by id."""
        return tuple(sorted({party for point in self.points for party in point.tiers}))


def timeline(
    entries: Iterable[Entry],
    actors: Mapping[str, Actor],
    undertaking: Undertaking,
    question: Question,
    since: date | None = None,
    most: int = MOST_POINTS,
) -> Timeline:
    """Answer the question at every turn from `since` to its own day (None: to the last report).

    The first point is the answer on `since`, where one is given. `entries` are all words of the
    kinds, replaced ones included.
    """
    entries = list(entries)
    about = (e for e in asked(entries, question) if in_scope(e))
    turns = sorted({day for e in about if (day := known_on(e)) not in (NEVER, date.min)})
    if question.as_of is not None:
        turns = [d for d in turns if d <= question.as_of]
    if since is not None:
        turns = sorted({since, *(d for d in turns if d >= since)})
    taken = spread(turns, most)
    points = []
    for day in taken:
        standings, bounds = tally(entries, actors, undertaking, replace(question, as_of=day))
        tiers = {s.holder: s.tier for s in standings if s.tier != "unheard"}
        firm = sum(t == "firm" for t in tiers.values())
        points.append(Point(day, *bounds, firm, tiers))
    return Timeline(tuple(points), len(turns))


def spread(days: list[date], most: int) -> list[date]:
    """So many of the days at most, evenly spread by their number, the first and last kept."""
    if len(days) <= most:
        return days
    if most == 1:
        return days[-1:]
    return [days[round(n * (len(days) - 1) / (most - 1))] for n in range(most)]
