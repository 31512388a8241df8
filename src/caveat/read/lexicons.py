"""The word lists of this package, loaded once on first use."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources


def rows(file: str) -> list[list[str]]:
    """The rows of a data file, split at tabs; empty lines and comments left out."""
    text = (resources.files("caveat.read") / "data" / file).read_text("utf-8")
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return [line.split("\t") for line in lines]


@cache
def languages() -> dict[str, str]:
    """Language code → English name."""
    return {row[0]: row[1] for row in rows("languages.tsv")}


@cache
def furniture(how: str) -> tuple[str, ...]:
    """The words of one sort of furniture: "label", "start" or "whole"."""
    return tuple(words for sort, words in rows("furniture.tsv") if sort == how)


@cache
def not_cities() -> frozenset[str]:
    """Words in capitals that open a paragraph before a dash and name no city."""
    return frozenset(words for (words,) in rows("not_cities.txt"))


@cache
def agency(bracketed: bool) -> re.Pattern[str]:
    """Finds an agency's name; between brackets (`bracketed`) also those that are common words."""
    files = ["agencies.txt"] + (["agencies_bracketed.txt"] if bracketed else [])
    names = {form for file in files for (name,) in rows(file) for form in (name, name.upper())}
    longest_first = sorted(names, key=lambda n: (-len(n), n))
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])")
