"""Versions of an article: same outlet and URL, other text or date.

The last version is the one published last; of versions published at one time, or at none that is
known, the one added last. So an archive gives the same chain in whatever order it is read, as far
as its dates tell. Words that a person entered are quotations, no versions of anything.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, select, update

from caveat.register import schema as t
from caveat.register.views import HAND


def link_versions(connection: Connection, article: str) -> None:
    """Put an article, at its first reading by a machine, into the chain of its versions.

    `articles.replaces` is the one column that is ever set after a row was added: a version that
    turns up late goes between its neighbours.
    """
    a = t.articles.c
    new = connection.execute(select(a.url, a.outlet, a.published_end).where(a.id == article)).one()
    if new.url is None:
        return
    read = select(t.readings.c.article_id).where(t.readings.c.reader != HAND)
    others = connection.execute(
        select(a.id, a.replaces, a.published_end).where(
            a.url == new.url,
            a.outlet.is_not_distinct_from(new.outlet),
            a.id != article,
            a.id.in_(read),
        )
    ).all()
    before = {o.replaces: o for o in others if o.replaces is not None}
    after, at = None, next((o for o in others if o.id not in before), None)
    while at is not None and _later(at.published_end, new.published_end):
        after = at
        at = next((o for o in others if o.id == at.replaces), None) if at.replaces else None
    _set_replaces(connection, article, at.id if at is not None else None)
    if after is not None:
        _set_replaces(connection, after.id, article)


def _later(one: date | None, other: date | None) -> bool:
    return one is not None and other is not None and one > other


def _set_replaces(connection: Connection, article: str, replaced: str | None) -> None:
    rows = t.articles
    connection.execute(update(rows).where(rows.c.id == article).values(replaces=replaced))
