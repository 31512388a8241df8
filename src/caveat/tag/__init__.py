"""Mark attributions and positions on an article's words: `load_reader(name).mark(article)`."""

from __future__ import annotations

from typing import Protocol

from caveat.errors import InputError
from caveat.model import Article, Marks
from caveat.tag.rules import RuleReader

__all__ = ["Reader", "load_reader"]


class Reader(Protocol):
    """What every reader offers, rules and learned ones alike."""

    version: str

    def mark(self, article: Article) -> Marks:
        """Mark headline and body of an article; spans are code points of `article.text`."""
        ...


def load_reader(name: str = "rules") -> Reader:
    """Return a reader by name; raises `InputError` for a name that is not known."""
    if name == "rules":
        return RuleReader()
    raise InputError(f"no reader is called {name!r}; known: rules")
