"""Mark attributions and positions on an article's words: `load_reader(name).mark(article)`."""

from __future__ import annotations

from typing import Protocol

from caveat.errors import InputError
from caveat.model import Article, Marks

__all__ = ["DEFAULT_READER", "READERS", "Reader", "load_reader"]

READERS: dict[str, str | None] = {"base": "positions-base", "attributions": None}
"""The packaged readers, each with the weights that find its positions."""
DEFAULT_READER = "base"


class Reader(Protocol):
    """What every reader offers."""

    version: str

    def mark(self, article: Article) -> Marks:
        """Mark headline and body of an article; spans are code points of `article.text`."""
        ...


def load_reader(name: str = DEFAULT_READER) -> Reader:
    """Return a packaged reader by name.

    "base" reads attributions, names and positions; "attributions" reads no positions and is many
    times as fast. Raises `InputError` for a name that is not known, `WeightsError` where its
    weights are missing or damaged.
    """
    if name not in READERS:
        raise InputError(f"no reader is called {name!r}; known: {', '.join(READERS)}")
    from caveat.tag.learned import LearnedReader  # onnxruntime loads only where it is used

    return LearnedReader(READERS[name])
