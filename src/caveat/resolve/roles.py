"""Role words in a text, and what a phrase around one says ("the former Russian minister")."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from caveat.model import Span
from caveat.resolve.gazetteer import Hit, Trie
from caveat.resolve.lexicon import SPEAKING, Role, listed, roles
from caveat.resolve.names import Run
from caveat.resolve.tokens import Text, tokenize

THE, A = "the", "a"
THE_COUNTRY, THAT_COUNTRY = "the country's", "that country's"
POSSESSIVE = frozenset("his her its their our my your".split())


@dataclass(slots=True, eq=False)
class Phrase:
    """Tokens first to last (excluded) that name a role, the name aside.

    `article` is "the", "a", a possessive pronoun, "'s" or nothing. `party` is the state or body
    that the words name, `owner` the name or phrase that the role belongs to ("Putin's envoy").
    """

    first: int
    last: int
    rank: str
    told: str
    article: str = ""
    party: str | None = None
    owner: Run | Phrase | None = None
    past: bool = False
    aside: bool = False
    gender: str = ""
    generic: bool = True
    name: Run | None = None
    how: str = ""
    """How it was found out whom it means, where that is not by its words alone."""
    span: Span = (0, 0)
    whole: Span = (0, 0)
    """With the name, where the two stand together."""

    @property
    def speaks(self) -> bool:
        """Whether who holds the role speaks for its party."""
        return self.rank in SPEAKING and not self.past and not self.aside

    def fits(self, held: Phrase) -> bool:
        """Whether this description can mean somebody who is named with the other one."""
        if self.told == held.told:
            return True
        if self.generic and self.told in _GENERIC:
            return held.rank in _GENERIC[self.told]
        return held.generic and held.told == "leader" and self.rank == "head"


_GENERIC: dict[str, tuple[str, ...]] = {
    "leader": ("head", "leader", "bodyhead"),
    "minister": ("minister",),
    "secretary": ("minister",),
    "official": ("official", "envoy", "spokesperson"),
    "diplomat": ("envoy",),
    "envoy": ("envoy",),
    "adviser": ("official",),
    "expert": ("expert",),
    "politician": ("politician",),
}


@dataclass(slots=True)
class Ground:
    """What phrases are read on: the text, its hits and runs by their first and last tokens."""

    text: Text
    hit_from: dict[int, Hit] = field(default_factory=dict)
    hit_to: dict[int, Hit] = field(default_factory=dict)
    run_from: dict[int, Run] = field(default_factory=dict)
    run_to: dict[int, Run] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RoleWord:
    """Tokens that spell a role."""

    first: int
    last: int
    role: Role


@cache
def _trie() -> Trie[Role]:
    trie: Trie[Role] = Trie()
    for phrase, role in roles().items():
        trie.add(tokenize(phrase).lowers, role)
    return trie


def role_words(text: Text) -> list[RoleWord]:
    """All role words of a text, the longest at each place."""
    trie, out, i = _trie(), [], 0
    begins = trie.next
    for start, word in enumerate(text.lowers):
        if start >= i and word in begins:
            found = trie.longest(text, text.lowers, start)
            if found is not None:
                i = found[0]
                out.append(RoleWord(start, i, found[1]))
    return out


def listed_type(actor: str) -> str:
    """Type of a listed actor; offices found in the text are bodies."""
    one = listed().get(actor)
    return one.actor.type if one is not None else "body"
