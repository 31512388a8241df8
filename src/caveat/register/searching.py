"""Full text search over evidence and articles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from caveat.model import Entry, Interval
from caveat.register import load
from caveat.register import schema as t
from caveat.register.dialect import article_rows, folded, full_text_rows, terms

AROUND = 120
"""Characters shown before and after the first word found in an article."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that holds all words, with some of its text around the first of them."""

    article: str
    title: str | None
    outlet: str | None
    url: str | None
    published: Interval | None
    around: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found."""

    positions: tuple[Entry, ...]
    articles: tuple[Hit, ...]


def search_positions(connection: Connection, words: str, most: int) -> list[str]:
    """The ids of current positions in whose sentence or title all words stand."""
    p, a = t.positions.c, t.articles.c
    # copies of a sentence rank alike: more are looked at than are wanted
    if connection.dialect.name == "sqlite":
        keys = full_text_rows(connection, "sentences_fts", words, 5 * most)
        query = select(p.key, p.id).where(p.key.in_(keys), load.current(p.key))
        rank = {key: n for n, key in enumerate(keys)}
        rows: list[Any] = sorted(connection.execute(query), key=lambda row: rank[row.key])
        return list(dict.fromkeys(row.id for row in rows))[:most]
    # what stands in a sentence stands in its article
    ids = article_rows(connection, words, 5 * most)
    found = (
        select(p.id, a.id.label("article"), a.title, a.text, p.sentence_start, p.sentence_end)
        .join_from(t.positions, t.articles, a.id == p.article_id)
        .where(a.id.in_(ids), load.current(p.key))
    )
    order = {id_: n for n, id_ in enumerate(ids)}
    rows = sorted(connection.execute(found), key=lambda r: (order[r.article], r.sentence_start))
    holds = [
        r.id for r in rows
        if _holds(f"{r.title or ''} {r.text[r.sentence_start : r.sentence_end]}", words)
    ]  # fmt: skip
    return list(dict.fromkeys(holds))[:most]


def search_articles(connection: Connection, words: str, most: int) -> tuple[Hit, ...]:
    """The articles that hold all words."""
    a, k = t.articles.c, t.article_keys.c
    query = select(
        k.key, a.id, a.title, a.outlet, a.url, a.published_start, a.published_end, a.text
    ).join_from(t.article_keys, t.articles, k.article_id == a.id)
    if connection.dialect.name == "sqlite":
        keys = full_text_rows(connection, "articles_fts", words, most)
        rank: dict[Any, int] = {key: n for n, key in enumerate(keys)}
        rows: list[Any] = list(connection.execute(query.where(k.key.in_(keys))))
        rows.sort(key=lambda row: rank[row.key])
    else:
        ids = article_rows(connection, words, most)
        rank = {id_: n for n, id_ in enumerate(ids)}
        rows = list(connection.execute(query.where(a.id.in_(ids))))
        rows.sort(key=lambda row: rank[row.id])
    return tuple(
        Hit(
            r.id, r.title, r.outlet, r.url, load.interval(r.published_start, r.published_end),
            _around(r.text, words),
        )
        for r in rows
    )  # fmt: skip


def _holds(text: str, words: str) -> bool:
    """Whether all words stand in a text, as words and without regard to case and marks."""
    said = " ".join(re.findall(r"\w+", folded(text)))
    asked = (" ".join(re.findall(r"\w+", folded(term))) for term in terms(words))
    return all(f" {term} " in f" {said} " for term in asked)


def _around(text: str, words: str) -> str:
    found = (re.search(re.escape(term), text, re.IGNORECASE) for term in terms(words))
    at = min((m.start() for m in found if m), default=0)
    start, end = max(0, at - AROUND), min(len(text), at + AROUND)
    shown = " ".join(text[start:end].split())
    return ("… " if start else "") + shown + (" …" if end < len(text) else "")
