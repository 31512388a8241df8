"""The data files of this package, read once: listed actors, roles, offices and words.

States come from the CLDR's English names (Babel) with `data/states.tsv` on top; everything else
is in the files beside it, whose heads explain their columns. People are in none of them: they
come from the text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib import resources
from typing import Literal

from babel import Locale

from caveat.model import Actor, ActorType
from caveat.names import first_name_rows

SurfaceKind = Literal["name", "adjective", "capital", "metonym", "office"]
Label = Literal[
    "again-bloc", "again-body", "again-ministry", "again-outlet", "again-state", "aside",
    "collective", "document", "domain", "epithet", "firm", "generic", "neutral", "not-a-name",
    "organisation", "own-country",
    "particle", "past", "quantifier", "ruled", "say", "several", "several-states", "state-noun",
    "surname", "title",
    "title-f", "title-m", "wide",
]  # fmt: skip
SPEAKING = frozenset(
    ("head", "leader", "minister", "spokesperson", "envoy", "official", "bodyhead")
)
"""Classes of roles whose holder speaks for the state or body that the text names with the role."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An actor out of the data files, and the state or institution that it speaks for."""

    actor: Actor
    party: str | None = None
    times: tuple[tuple[str, date | None, date | None], ...] = ()
    """Members that joined or left on a day: id, since, until (that day not included)."""

    def at(self, day: date | None) -> Actor:
        """The actor with the members that it had on a day; those of today where none is given."""
        if not self.times:
            return self.actor
        day = day or date.max
        out = {id_ for id_, since, until in self.times
               if (since and day < since) or (until and day >= until)}  # fmt: skip
        return replace(self.actor, members=tuple(m for m in self.actor.members if m not in out))


@dataclass(frozen=True, slots=True)
class Surface:
    """A way to write a listed actor. `caution` is "*", "?" or "" as in `states.tsv`.

    `actor` is None for a name that only holds an actor's name ("Latin American").
    """

    words: str
    actor: str | None
    kind: SurfaceKind
    caution: str = ""


@dataclass(frozen=True, slots=True)
class Role:
    """A word for a role: its class, what it is told as, the party and gender it implies."""

    phrase: str
    rank: str
    role: str
    party: str | None
    gender: str


def rows(name: str) -> Iterator[list[str]]:
    """Rows of a data file as lists of columns, comments left out."""
    text = (resources.files("caveat.resolve") / "data" / name).read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def parts(column: str) -> list[str]:
    """Members of a list column."""
    return [p for p in column.split("; ") if p]


def fold(word: str) -> str:
    """Lower case without accents: "Erdoğan" is "erdogan", "Łukasz" is "lukasz"."""
    if word.isascii():
        return word.lower()
    marked = unicodedata.normalize("NFKD", word.translate(_LETTERS).lower())
    return "".join(c for c in marked if not unicodedata.combining(c))


_LETTERS = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "ß": "ss", "æ": "ae",
     "Æ": "Ae", "œ": "oe", "Œ": "Oe", "þ": "th", "Þ": "Th", "ð": "d", "Ð": "D", "ʼ": "'", "’": "'"}
)  # fmt: skip


def slug(words: str) -> str:
    """Folded words joined by hyphens, as ids have them."""
    kept = "".join(c if c.isalnum() else " " for c in fold(words).replace("'", ""))
    return "-".join(kept.split())


@cache
def listed() -> dict[str, Listed]:
    """All actors of the data files by id."""
    return {one.actor.id: one for one in (*_states(), *_bodies(), *_outlets())}


@cache
def surfaces() -> tuple[Surface, ...]:
    """All surfaces of the data files; the same words may stand for two actors if marked."""
    return (*_state_surfaces(), *_body_surfaces(), *_hidden())


@cache
def roles() -> dict[str, Role]:
    """Roles by phrase."""
    return {r[0]: Role(r[0], r[1], r[2], r[3] or None, r[4]) for r in rows("roles.tsv")}


@cache
def offices() -> dict[str, str]:
    """Slugs of offices by phrase ("defence ministry" → "defence-ministry")."""
    return {p: r[0] for r in rows("offices.tsv") for p in parts(r[1])}


@cache
def words(label: Label) -> frozenset[str]:
    """Words of one label of `words.tsv`."""
    return frozenset(r[1] for r in rows("words.tsv") if r[0] == label)


@cache
def first_names() -> dict[str, frozenset[int]]:
    """For each folded first name the numbers of the groups of forms that it belongs to."""
    out: dict[str, set[int]] = {}
    for number, (_, forms) in enumerate(first_name_rows()):
        for form in forms:
            out.setdefault(fold(form), set()).add(number)
    return {form: frozenset(numbers) for form, numbers in out.items()}


@cache
def _genders() -> dict[str, str]:
    out: dict[str, str] = {}
    for gender, forms in first_name_rows():
        for form in forms:
            known = out.setdefault(fold(form), gender)
            if known != gender:
                out[fold(form)] = ""
    return out


def given_gender(name: str) -> str:
    """Gender m or f that a first name says, nothing where it is unknown or both."""
    return _genders().get(fold(name), "")


@cache
def _cldr() -> dict[str, str]:
    names = Locale("en").territories
    return {code: str(name).replace(" & ", " and ") for code, name in names.items()}


def _own_name(code: str, names: list[str]) -> str:
    return next((n[1:] for n in names if n.startswith("=")), _cldr()[code])


def _states() -> Iterator[Listed]:
    files: tuple[tuple[str, ActorType], ...] = (
        ("states.tsv", "state"),
        ("territories.tsv", "body"),
    )
    for file, kind in files:
        for code, names, *_ in rows(file):
            yield Listed(Actor(f"iso:{code}", _own_name(code, parts(names)), kind))


def _bodies() -> Iterator[Listed]:
    kinds: dict[str, ActorType] = {"bloc": "bloc", "body": "body"}
    for id_, kind, name, _, members, party in rows("bodies.tsv"):
        found = [_member(each) for each in members.split()]
        times = tuple(each for each in found if each[1] or each[2])
        ids = tuple(id_ for id_, _, _ in found)
        yield Listed(Actor(id_, name, kinds[kind], ids), party or None, times)


def _member(given: str) -> tuple[str, date | None, date | None]:
    """ "FI@2017-06-30..", "GB@..2020-02-01" or "DK": a member, since and until when."""
    code, _, time = given.partition("@")
    since, _, until = time.partition("..")
    return (
        f"iso:{code}",
        date.fromisoformat(since) if since else None,
        date.fromisoformat(until) if until else None,
    )


def _outlets() -> Iterator[Listed]:
    for id_, name, _ in rows("outlets.tsv"):
        yield Listed(Actor(id_, name, "outlet"))


def _surface(words: str, actor: str, kind: SurfaceKind) -> Iterator[Surface]:
    caution = words[-1] if words[-1] in "*?" else ""
    plain = words.removesuffix(caution) if caution else words
    yield Surface(plain, actor, kind, caution)
    bare = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    if bare != plain:
        yield Surface(bare, actor, kind, caution)


def _state_surfaces() -> Iterator[Surface]:
    for file in ("states.tsv", "territories.tsv"):
        for code, names, people, capitals, metonyms in rows(file):
            given = parts(names)
            own = _own_name(code, given)
            plain = {n.rstrip("*?") for n in given}
            all_names = [n for n in given if not n.startswith("=")]
            all_names += [] if own in plain else [own]
            if own.startswith("St. "):
                all_names.append(own.replace("St. ", "Saint "))
            columns: tuple[tuple[list[str], SurfaceKind], ...] = (
                (all_names, "name"),
                (parts(people), "adjective"),
                (parts(capitals), "capital"),
                (parts(metonyms), "metonym"),
            )
            for column, kind in columns:
                for words in column:
                    yield from _surface(words, f"iso:{code}", kind)


def _body_surfaces() -> Iterator[Surface]:
    for row in (*rows("bodies.tsv"), *([r[0], "", "", r[2]] for r in rows("outlets.tsv"))):
        for words in parts(row[3]):
            yield from _surface(words, row[0], "name")


def _hidden() -> Iterator[Surface]:
    for row in rows("not-actors.txt"):
        yield Surface(row[0], None, "name")
