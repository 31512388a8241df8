"""The lexicons in `data/`: commented tables, read once per process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import product


@dataclass(frozen=True, slots=True)
class Phrase:
    """A lexicon row: its words and the cells after them."""

    words: tuple[str, ...]
    cells: tuple[str, ...]


Index = dict[str, list[Phrase]]


def rows(name: str) -> list[tuple[str, ...]]:
    """The rows of a data file in order, comments and blank lines left out."""
    text = (resources.files("caveat.tag") / "data" / name).read_text("utf-8")
    return [tuple(r.split("\t")) for r in text.splitlines() if r and not r.startswith("#")]


@cache
def forms(verb: str) -> tuple[str, ...]:
    """Base, third person, past, participle and -ing form of a verb."""
    for row in rows("verbs.tsv"):
        if row[0] == verb:
            return row
    if verb.endswith("e"):
        return verb, verb + "s", verb + "d", verb + "d", verb.removesuffix("e") + "ing"
    if verb.endswith("y") and verb[-2] not in "aeou":
        stem = verb[:-1]
        return verb, stem + "ies", stem + "ied", stem + "ied", verb + "ing"
    third = verb + ("es" if verb.endswith(("s", "sh", "ch", "x")) else "s")
    return verb, third, verb + "ed", verb + "ed", verb + "ing"


@cache
def words(kind: str) -> frozenset[str]:
    """A closed class of words.tsv, or the lines of a .txt file."""
    if kind.endswith(".txt"):
        return frozenset(r[0] for r in rows(kind))
    return frozenset(w for k, ws in rows("words.tsv") if k == kind for w in ws.split())


@cache
def acts() -> dict[str, str]:
    """Every form of the verbs of acts, with what it is: base, third, past, part or ing."""
    names = ("base", "third", "past", "part", "ing")
    found: dict[str, str] = {}
    for verb, use in rows("acts.tsv"):
        if use != "done":
            found.setdefault(verb, "base")
            continue
        for form, name in zip(forms(verb), names, strict=True):
            found.setdefault(form, name)
    return found


@cache
def index(name: str) -> Index:
    """A phrase table by first word, longest phrases first."""
    found: Index = {}
    for phrase, *cells in rows(name):
        for expanded in _expand(phrase):
            found.setdefault(expanded[0], []).append(Phrase(expanded, tuple(cells)))
    for phrases in found.values():
        phrases.sort(key=lambda p: -len(p.words))
    return found


def _expand(phrase: str) -> Iterator[tuple[str, ...]]:
    choices = []
    for word in phrase.split():
        options: list[str] = []
        for one in word.split("|"):
            options += forms(one[:-1]) if one.endswith("+") else (one,)
        choices.append(list(dict.fromkeys(options)))
    yield from product(*choices)


@cache
def patterns() -> dict[str, re.Pattern[str]]:
    """The regular expressions of patterns.tsv, names within them filled in."""
    found: dict[str, str] = {}
    for name, pattern in rows("patterns.tsv"):
        for known, value in found.items():
            pattern = pattern.replace("{" + known + "}", value)
        found[name] = pattern
    return {name: re.compile(pattern) for name, pattern in found.items()}
