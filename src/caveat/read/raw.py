"""What the readers of single formats hand on: the text as it came, and what came beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Format = Literal["auto", "text", "html", "jsonl"]

MAX_BYTES = 50_000_000
"""Larger than any article: the whole corpus that this was tried on has 38 MB of text."""


class LeftOut(Exception):
    """This input is no article: a reason out of `Skipped`'s list, a detail, the id it gave itself.

    It never leaves the package: `read_articles` turns it into `Skipped`, `read_article` into
    `UnreadableFile`.
    """

    def __init__(self, reason: str, detail: str, id: str | None = None) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
        self.id = id


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read: one frozen object, built by the command line and passed down.

    `date` and `outlet` hold for every article and win over what the input says. `format` is
    "auto" (by file name, then by content), "text", "html" or "jsonl". `max_bytes` bounds a text
    or HTML file, and a line of JSON lines, after decompression. `languages` are the ISO 639
    codes of languages that are read; articles in others are left out by name.
    """

    date: str | None = None
    outlet: str | None = None
    format: Format = "auto"
    max_bytes: int = MAX_BYTES
    languages: tuple[str, ...] = ("en",)


@dataclass(frozen=True, slots=True)
class Raw:
    """A text and the fields that stood beside it, before anything is worked out of them.

    `fields` holds title, date, outlet and url where the input gives them, and whatever else it
    gives. `fields_from` says where they stood, in the words of `Article.published_from`.
    """

    text: str
    name: str
    fields: Mapping[str, str] = field(default_factory=dict)
    fields_from: Literal["metadata", "front-matter"] = "metadata"
