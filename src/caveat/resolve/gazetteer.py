"""Finds listed actors in a text, the longest surface first, in one pass over its tokens.

A trie over tokens: what does not begin a surface costs one dictionary look-up, so that the time
grows with the text and not with the lists. Case counts: "US" and "us", "Turkey" and "turkey".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar

from caveat.model import Span
from caveat.resolve.lexicon import Surface, SurfaceKind, listed, roles, surfaces, words
from caveat.resolve.tokens import Text, tokenize

T = TypeVar("T")

_PLACE = frozenset("in at near around outside across through inside".split())
_AGAINST = frozenset("pro anti non ex".split())


@dataclass(frozen=True, slots=True)
class Hit:
    """Tokens first to last (excluded) that name a listed actor.

    `place` is set for a capital after "in" or "at": where, not who. `party` is the state that
    the text names with an office.
    """

    first: int
    last: int
    span: Span
    actor: str
    kind: SurfaceKind
    place: bool = False
    caution: str = ""
    party: str | None = None

    @property
    def side(self) -> str:
        """The state or institution that the actor speaks for, the actor itself if none."""
        return self.party or party_of(self.actor)


class Trie(Generic[T]):
    """Phrases as paths of words; a value where a phrase ends."""

    __slots__ = ("next", "value")

    def __init__(self) -> None:
        self.next: dict[str, Trie[T]] = {}
        self.value: T | None = None

    def add(self, path: Iterable[str], value: T) -> None:
        """Store a value at the end of a path; the first one stored stays."""
        node = self
        for word in path:
            node = node.next.setdefault(word, Trie())
        node.value = node.value if node.value is not None else value

    def longest(self, text: Text, path: list[str], i: int) -> tuple[int, T] | None:
        """End and value of the longest phrase that begins at token i."""
        found = None
        node = self.next.get(path[i])
        while node is not None:
            i += 1
            if node.value is not None:
                found = i, node.value
            if not node.next or i >= len(path) or not text.joined(i):
                break
            node = node.next.get(path[i])
        return found


@cache
def _trie() -> Trie[Surface]:
    trie: Trie[Surface] = Trie()
    for surface in surfaces():
        if surface.caution == "?":
            continue
        path = tokenize(surface.words).words
        trie.add(path, surface)
    for surface in surfaces():  # after all others, so that no acronym is overwritten
        if surface.caution != "?" and len(surface.words) > 3:
            trie.add([w.upper() for w in tokenize(surface.words).words], surface)
    return trie


@cache
def by_words() -> dict[str, str]:
    """Actor ids by surface in lower case, the surfaces that running text does not use included."""
    out: dict[str, str] = {}
    for surface in sorted(surfaces(), key=lambda s: ("", "*", "?").index(s.caution)):
        if surface.actor is not None:
            out.setdefault(" ".join(tokenize(surface.words).lowers), surface.actor)
    return out


def find(text: Text) -> list[Hit]:
    """Mentions of listed actors, in order, not overlapping."""
    return [h for h in _candidates(text) if _counts(text, h)]


def _candidates(text: Text) -> Iterator[Hit]:
    trie, tokens, i = _trie(), text.words, 0
    begins = trie.next
    for start, word in enumerate(tokens):
        if start < i or word not in begins:
            continue
        found = trie.longest(text, tokens, start)
        if found is None:
            continue
        i, surface = found
        if surface.actor is None:
            continue
        place = surface.kind == "capital" and start > 0 and text.lowers[start - 1] in _PLACE
        span = text.span(start, i)
        yield Hit(start, i, span, surface.actor, surface.kind, place, surface.caution)


def _counts(text: Text, hit: Hit) -> bool:
    """Whether the words around let a surface stand for its actor."""
    before = hit.first - 1
    if before >= 0 and text.lowers[before] in _AGAINST and text.gap(hit.first) in ("-", "‑"):
        return False
    if hit.caution != "*" or text.title_case(hit.span[0]):
        return True
    return not (_strange(text, before, hit.first) or _strange(text, hit.last, hit.last))


def _strange(text: Text, i: int, gap: int) -> bool:
    """Whether token i is a capitalised word that makes a neighbour part of another name."""
    if not 0 <= i < len(text) or not text.is_capital(i) or text.gap(gap) not in (" ", "-"):
        return False
    word = text.words[i]
    if word in words("not-a-name") or word in _trie().next or word.lower() in _role_words():
        return False
    return not any(word in words(label) for label in ("title", "title-m", "title-f", "wide"))


@cache
def _role_words() -> frozenset[str]:
    return frozenset(w for phrase in roles() for w in phrase.split()) | words("domain")


def party_of(actor: str) -> str:
    """The state or institution that a listed actor speaks for at last; itself if none."""
    one = listed().get(actor)
    return party_of(one.party) if one is not None and one.party is not None else actor
