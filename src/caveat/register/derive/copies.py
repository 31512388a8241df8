"""Near copies: texts that share at least half of the shorter one's runs of five words.

Source: Andrei Z. Broder, On the resemblance and containment of documents, SEQUENCES 1997: texts
as sets of hashed shingles; the sketch keeps the hashes that a power of two divides ("mod m"), so
that containment can be estimated between texts of different length by coarsening the finer sketch.
Texts of up to KEPT shingles keep all of them, so between them the share is exact.

Two articles are compared only if their sketches share a hash, so the work grows with the copies
and not with the square of the articles.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import chain, combinations, pairwise
from sys import byteorder

from caveat.model import Article
from caveat.register.derive.groups import Groups

WORDS = 5
SHARE = 0.5
KEPT = 64
"""Most hashes of a sketch. At 64 the estimate of a share of 0.5 has a standard error of 0.06."""
FEWEST = 20
"""Shorter texts (in shingles) are formulas as often as copies ("X said on Monday that …"): they
are copies only where all their words are the same."""
SAMPLE = 8
"""Fewest hashes to judge by once sketches are brought to one scale. What is lost: a brief inside
an article some ten times its length is not taken for a copy of it."""
CROWD = 32
"""In a longer list of articles that share one hash only neighbours are compared: real copies
share many hashes, so a chain joins them, and an outlet's standing phrases stay cheap."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Sketch:
    """Sampled hashes of a text's shingles; one in `scale` was kept; 0 for a text too short."""

    scale: int
    hashes: tuple[int, ...]

    @cached_property
    def as_set(self) -> frozenset[int]:
        """The hashes, to intersect."""
        return frozenset(self.hashes)

    def at(self, scale: int) -> frozenset[int]:
        """The hashes that a coarser scale would have kept."""
        if scale == self.scale:
            return self.as_set
        return frozenset(h for h in self.hashes if h % scale == 0)

    def packed(self) -> bytes:
        """The hashes as little-endian 64 bit integers, to store."""
        packed = array("Q", self.hashes)
        if byteorder == "big":
            packed.byteswap()
        return packed.tobytes()


def unpacked(scale: int, packed: bytes) -> Sketch:
    """The sketch that `packed` stored."""
    hashes = array("Q")
    hashes.frombytes(packed)
    if byteorder == "big":
        hashes.byteswap()
    return Sketch(scale, tuple(hashes))


def sketch(article: Article) -> Sketch:
    """The sketch of an article's words: its headline and body where it has parts.

    Datelines and furniture are the outlet's, not the report's.
    """
    told = [article.words(p.span) for p in article.parts if p.kind in ("headline", "body")]
    words = _WORD.findall(" ".join(told or [article.text]).casefold())
    shingles = {" ".join(words[i : i + WORDS]) for i in range(len(words) - WORDS + 1)}
    if len(shingles) < FEWEST:
        return Sketch(0, (_hash(" ".join(words)),) if words else ())
    hashes = sorted(_hash(s) for s in shingles)
    scale = 1
    while len(hashes) > KEPT:
        scale *= 2
        hashes = [h for h in hashes if h % scale == 0]
    return Sketch(scale, tuple(hashes))


def _hash(shingle: str) -> int:
    digest = blake2b(shingle.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def are_copies(one: Sketch, other: Sketch) -> bool:
    """Whether the shorter text is, by their sketches, at least half contained in the longer."""
    if not one.scale or not other.scale:
        return one == other and bool(one.hashes)
    scale = max(one.scale, other.scale)
    a, b = one.at(scale), other.at(scale)
    fewer = min(len(a), len(b))
    return fewer >= SAMPLE and len(a & b) >= SHARE * fewer


def copy_groups(sketches: Mapping[str, Sketch]) -> dict[str, str]:
    """For each article id the smallest id among its near copies, copies of copies included."""
    groups = Groups()
    tried: set[tuple[str, str]] = set()
    for pair in _candidates(sketches):
        if pair not in tried:
            tried.add(pair)
            if are_copies(sketches[pair[0]], sketches[pair[1]]):
                groups.join(*pair)
    return {id_: groups.smallest(id_) for id_ in sketches}


def _candidates(sketches: Mapping[str, Sketch]) -> Iterator[tuple[str, str]]:
    times = Counter(chain.from_iterable(s.hashes for s in sketches.values()))
    shared = {h for h, n in times.items() if n > 1}
    holding: defaultdict[int, list[str]] = defaultdict(list)
    for id_ in sorted(sketches):
        for h in shared.intersection(sketches[id_].hashes):
            holding[h].append(id_)
    for ids in holding.values():
        yield from _pairs(ids)


def _pairs(ids: list[str]) -> Iterable[tuple[str, str]]:
    return combinations(ids, 2) if len(ids) <= CROWD else pairwise(ids)
