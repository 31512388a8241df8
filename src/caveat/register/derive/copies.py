"""Articles that carry one report: copies, cuts and light rewrites of it.

1. MinHash signatures of the five-word runs in every stretch of a text, in an index of bands (the
   library rensa), give the candidates (Broder 1997; Leskovec, Rajaraman and Ullman, Mining of
   Massive Datasets, chapter 3): a short report is found inside a page of many.
2. A scored comparison of the words decides: how much of the shorter text the longer one holds, how
   much of its first half, where the news stands, whether two outlets carry it, how near they are in
   time, and how alike their titles are. Follow-ups of one outlet share their background and not
   their beginning; agency reports keep their words in several outlets.

It is a relation of pairs and no grouping: a page that strings the day's reports together is a copy
of each, and they are none of each other.

Candidates are looked for within NEAR days, in an index for each period, so that the work grows
with the articles and not with their square. Everything follows from the texts alone, whatever the
order in which they were added.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rensa import RMinHash, RMinHashLSH

from caveat.model import Interval, Part

RUN = 5
SHORT_RUN = 3
"""Words: light rewrites break most runs of five."""
STRETCH = 200
"""Words of a text that have a signature of their own; each overlaps the next by half."""
SIGNED = 4
"""Words of a run in signatures."""
PERMUTATIONS = 126
BANDS = 42
"""Three rows a band: of stretches that share half of their runs all become candidates, of those
that share a third 79 in 100 (and a report has several), of those that share a tenth 4 in 100.
Swept: runs of 3 and 4 words, stretches of 150 to 250, 32 bands of 4 rows: 2 or 3 of 100 missed."""
SEED = 1
NEAR = 45
"""Days: articles in one stretch of that length or in two that follow each other are compared."""
UNDATED = -1
KEPT = 512
"""Articles whose words are kept at hand while candidates are compared."""
FEWEST = 20
"""Shorter texts (in runs) are formulas as often as copies ("X said on Monday that …"): they are
copies only where all their words are the same."""

# Logistic regression on 243 judged pairs; the bound (0) where the precision is 96 % on these and
# 120 further pairs. After changes here: `python -m bench.origins --fit`.
INTERCEPT = -7.75
SHARED = 4.90
BEGINNING = 5.88
OUTLETS = 3.59
DAYS = -1.24
TITLES = 4.05
BOUND = 0.0
FARTHEST = 30
"""Days from which on, or where one is undated, distance in time counts no more."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Told:
    """What articles are compared by: their words without datelines and furniture, and the rest."""

    words: tuple[str, ...]
    title: frozenset[str]
    outlet: str | None
    day: int | None


def told(
    text: str,
    parts: Iterable[Part],
    title: str | None,
    outlet: str | None,
    published: Interval | None,
) -> Told:
    """An article's headline and body as words; datelines and furniture are the outlet's."""
    report = [text[slice(*p.span)] for p in parts if p.kind in ("headline", "body")]
    return Told(
        words=tuple(words(" ".join(report or [text]))),
        title=frozenset(words(title or "")),
        outlet=outlet,
        day=first_day(published),
    )


def words(text: str) -> list[str]:
    """The words of a text, case folded."""
    return _WORD.findall(text.casefold())


def first_day(published: Interval | None) -> int | None:
    """The first day of publication, as an ordinal; None where it is not known."""
    first = published and (published.start or published.end)
    return first.toordinal() if first else None


def signature(one: Told) -> bytes:
    """The MinHash signatures of a text's stretches, in rensa's own bytes, each after its length.

    A text too short for runs has one of all its words.
    """
    found = [" ".join(one.words[i : i + SIGNED]) for i in range(len(one.words) - SIGNED + 1)]
    steps = max(1, round(len(found) / STRETCH * 2) - 1)
    step = len(found) / (steps + 1)
    sets = [found[int(n * step) : int((n + 2) * step) + 1] for n in range(steps)]
    out = bytearray()
    for runs_ in sets if len(found) >= FEWEST else [[" ".join(one.words)]]:
        made = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
        made.update(runs_)
        state = bytes(made.__reduce__()[2])
        out += len(state).to_bytes(4, "big") + state
    return bytes(out)


def _restored(signature_: bytes) -> Iterator[RMinHash]:
    at = 0
    while at < len(signature_):
        size = int.from_bytes(signature_[at : at + 4], "big")
        made = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
        made.__setstate__(signature_[at + 4 : at + 4 + size])
        yield made
        at += 4 + size


Runs = Callable[[tuple[str, ...], int], frozenset[int]]
"""The hashed runs of a length in a text."""


def runs(of: tuple[str, ...], length: int) -> frozenset[int]:
    """Hashes, for a set of tuples of words takes twenty times the memory."""
    return frozenset(hash(of[i : i + length]) for i in range(len(of) - length + 1))


def score(one: Told, other: Told, runs_of: Runs = runs) -> float:
    """How sure it is that two articles carry one report: log odds, above `BOUND` they do."""
    if len(one.words) > len(other.words):
        one, other = other, one
    apart = FARTHEST if one.day is None or other.day is None else abs(one.day - other.day)
    titles = len(one.title & other.title) / max(1, min(len(one.title), len(other.title)))
    beginning = one.words[: len(one.words) // 2]
    return (
        INTERCEPT
        + SHARED * _held(runs_of(one.words, SHORT_RUN), runs_of(other.words, SHORT_RUN))
        + BEGINNING * _held(runs_of(beginning, RUN), runs_of(other.words, RUN))
        + OUTLETS * (one.outlet != other.outlet)
        + DAYS * math.log1p(min(FARTHEST, apart))
        + TITLES * titles
    )


def _held(shorter: frozenset[int], longer: frozenset[int]) -> float:
    return len(shorter & longer) / max(1, len(shorter))


def are_copies(one: Told, other: Told, runs_of: Runs = runs) -> bool:
    """Whether two articles carry one report."""
    if min(len(one.words), len(other.words)) < FEWEST + RUN - 1:
        return one.words == other.words and bool(one.words)
    return score(one, other, runs_of) >= BOUND


def copy_pairs(
    days: Mapping[str, int | None],
    signatures: Mapping[str, bytes],
    told_of: Callable[[str], Told],
) -> Iterator[tuple[str, str]]:
    """The pairs of article ids that carry one report, the smaller id first.

    `days` are the articles' first days of publication as ordinals; `told_of` is asked for
    candidates alone.
    """
    words_of = lru_cache(maxsize=KEPT)(told_of)
    runs_of = lru_cache(maxsize=4 * KEPT)(runs)
    for one, other in candidates(days, signatures):
        if are_copies(words_of(one), words_of(other), runs_of):
            yield one, other


def candidates(
    days: Mapping[str, int | None], signatures: Mapping[str, bytes]
) -> Iterator[tuple[str, str]]:
    """Pairs of ids to compare, each once, in an order that ids and days alone decide."""
    stretches: defaultdict[int, list[str]] = defaultdict(list)
    for id_ in sorted(days):
        day = days[id_]
        stretches[UNDATED if day is None else day // NEAR].append(id_)
    undated = _Index()
    before, last = _Index(), UNDATED
    for stretch in sorted(stretches):
        here = undated if stretch == UNDATED else _Index()
        near = [undated] if stretch > UNDATED else []
        if stretch == last + 1 and last > UNDATED:
            near.append(before)
        for id_ in stretches[stretch]:
            made = list(_restored(signatures[id_]))
            like = {found for index in (here, *near) for found in index.like(made)}
            yield from ((min(found, id_), max(found, id_)) for found in sorted(like))
            here.insert(id_, made)
        before, last = here, stretch


class _Index:
    """An index of signatures by the articles' ids; rensa's own takes numbers."""

    def __init__(self) -> None:
        # the threshold only serves rensa's own verdicts, which are not asked for
        self._lsh = RMinHashLSH(threshold=0.2, num_perm=PERMUTATIONS, num_bands=BANDS)
        self._ids: list[str] = []

    def insert(self, id_: str, made: Iterable[RMinHash]) -> None:
        for one in made:
            self._lsh.insert(len(self._ids), one)
            self._ids.append(id_)

    def like(self, made: Iterable[RMinHash]) -> set[str]:
        return {self._ids[n] for one in made for n in self._lsh.query(one)}
