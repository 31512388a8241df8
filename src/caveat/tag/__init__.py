"""Mark attributions and positions on an article's words: `load_reader(name).mark(article)`."""

from __future__ import annotations

from typing import Protocol

from caveat.errors import InputError
from caveat.model import Article, Marks

__all__ = ["Reader", "load_reader"]


class Reader(Protocol):
    """What every reader offers."""

    version: str

    def mark(self, article: Article) -> Marks:
        """Mark headline and body of an article; spans are code points of `article.text`."""
        ...


def load_reader(name: str = "small") -> Reader:
    """Return a packaged reader by name.

    Raises `InputError` for a name that is not known, `WeightsError` where its weights are missing
    or damaged.
    """
    if name == "small":
        from caveat.tag.learned import LearnedReader  # onnxruntime loads only where it is used

        return LearnedReader()
    raise InputError(f"no reader is called {name!r}; known: small")
