"""The lexicons in `data/`: commented tables, read once per process."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from itertools import product
from typing import NamedTuple


class Phrase(NamedTuple):
    """A lexicon row: its words and the cells after them."""

    words: tuple[str, ...]
    cells: tuple[str, ...]


def rows(name: str) -> list[tuple[str, ...]]:
    """The rows of a data file in order, comments and blank lines left out."""
    text = (resources.files("caveat.tag") / "data" / name).read_text("utf-8")
    return [tuple(r.split("\t")) for r in text.splitlines() if r and not r.startswith("#")]


@cache
def adverbials() -> frozenset[str]:
    """Pairs of words that modify a verb as one adverb does."""
    return frozenset(row[0] for row in rows("adverbials.txt"))


@cache
def forms(verb: str) -> tuple[str, ...]:
    """Base, third person, past, participle and -ing form of a verb."""
    stem = verb.removesuffix("e")
    third = verb + ("es" if verb.endswith(("s", "sh", "ch", "x")) else "s")
    past = stem + "ed"
    if verb.endswith("y") and verb[-2] not in "aeou":
        third, past = verb[:-1] + "ies", verb[:-1] + "ied"
    regular = verb, third, past, past, stem + "ing"
    return next((row for row in rows("verbs.tsv") if row[0] == verb), regular)


@cache
def words(kind: str) -> frozenset[str]:
    """A closed class of words.tsv, or the lines of a .txt file."""
    if kind.endswith(".txt"):
        return frozenset(r[0] for r in rows(kind))
    return frozenset(w for k, ws in rows("words.tsv") if k == kind for w in ws.split())


@cache
def acts() -> dict[str, str]:
    """The forms of the verbs of acts, each with what it is: base, third, past, part or ing."""
    found: dict[str, str] = {}
    for verb, use in rows("acts.tsv"):
        for form, name in zip(forms(verb), ("base", "third", "past", "part", "ing"), strict=True):
            if use == "done" or name == "base":
                found.setdefault(form, name)
    return found


def _options(word: str) -> list[str]:
    each = (forms(w[:-1]) if w.endswith("+") else (w,) for w in word.split("|"))
    return list(dict.fromkeys(form for group in each for form in group))


@cache
def index(name: str) -> dict[str, list[Phrase]]:
    """A phrase table by first word, longest phrases first, among equals those with a "not"."""
    found: dict[str, list[Phrase]] = {}
    for phrase, *cells in rows(name):
        for expanded in product(*map(_options, phrase.split())):
            found.setdefault(expanded[0], []).append(Phrase(expanded, tuple(cells)))
    return {w: sorted(ps, key=_rank) for w, ps in found.items()}


def _rank(phrase: Phrase) -> tuple[int, bool]:
    return -len(phrase.words), not any("-not-" in cell for cell in phrase.cells)


@cache
def verbs() -> frozenset[str]:
    """Forms that are surely finite verbs: auxiliaries and the pasts of all verbs listed."""
    firsts = [r[0].split()[0] for r in rows("stances.tsv")]
    pasts = {forms(w[:-1])[2] for first in firsts for w in first.split("|") if w[-1] == "+"}
    pasts |= {form for form, name in acts().items() if name == "past"}
    return (words("auxiliary") | words("finite") | pasts) - {"set"}


@cache
def patterns() -> dict[str, re.Pattern[str]]:
    """The regular expressions of patterns.tsv, names within them filled in."""
    found: dict[str, str] = {}
    for name, pattern in rows("patterns.tsv"):
        found[name] = re.sub(r"\{([a-z]+)\}", lambda m: found[m[1]], pattern)
    return {name: re.compile(pattern) for name, pattern in found.items()}
