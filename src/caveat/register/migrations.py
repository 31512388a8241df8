"""Bringing a database to this version's schema, each migration and its record in one transaction.

A new register is created whole from `schema.py` and `views.py`, and the names of all migrations
are recorded with it; an older one runs those it lacks, in order. Add a migration by appending a
function that changes an existing register into what `schema.py` now says: a test compares both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, insert, inspect, select

from caveat.errors import RegisterError
from caveat.register.dialect import WRITES, create_articles_full_text, create_full_text
from caveat.register.load import load_article
from caveat.register.rows import article_key_row, signature_row
from caveat.register.schema import (
    DERIVED,
    actor_decisions,
    article_keys,
    article_marks,
    articles,
    caveat_migrations,
    imported_rows,
    llm_endpoints,
    llm_replies,
    metadata,
    proposition_decisions,
    reviews,
    second_opinions,
    signatures,
)
from caveat.register.views import create_views, drop_views


@dataclass(frozen=True, slots=True)
class Migration:
    """A step from one schema to the next; `apply` runs in a transaction that is already open."""

    name: str
    apply: Callable[[Connection], None]


def _create(connection: Connection) -> None:
    metadata.create_all(connection)
    create_views(connection)
    create_full_text(connection)
    create_articles_full_text(connection)


def _add_second_reader(connection: Connection) -> None:
    metadata.create_all(connection, [llm_replies, llm_endpoints, second_opinions])


def _add_identities(connection: Connection) -> None:
    """Sketches of sampled hashes give way to MinHash signatures; roles tell whether they are
    single posts, and people may decide who is who."""
    connection.exec_driver_sql("DROP TABLE IF EXISTS sketches")
    metadata.create_all(connection, [signatures, actor_decisions])
    connection.exec_driver_sql(
        "ALTER TABLE speaks_for ADD COLUMN single BOOLEAN DEFAULT FALSE NOT NULL"
    )
    for row in connection.execute(select(articles.c.id)).all():
        article = load_article(connection, row.id)
        if article is not None:
            connection.execute(insert(signatures), [signature_row(article)])


def _add_reviews(connection: Connection) -> None:
    """What people review and import, and what follows from all, which `refresh` fills."""
    # the full text index names a view, and finds it again by its name
    drop_views(connection)
    entered = [proposition_decisions, reviews, imported_rows, article_marks, article_keys]
    metadata.create_all(connection, [*entered, *DERIVED])
    create_views(connection)
    create_articles_full_text(connection)
    for row in connection.execute(select(articles.c.id)).all():
        connection.execute(insert(article_keys), [article_key_row(row.id)])


MIGRATIONS: tuple[Migration, ...] = (
    Migration("0001_first_schema", _create),
    Migration("0002_second_reader", _add_second_reader),
    Migration("0003_identities", _add_identities),
    Migration("0004_reviews", _add_reviews),
)


def now() -> str:
    """The current time in UTC, to the second, as rows record it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def migrate(engine: Engine, migrations: tuple[Migration, ...] | None = None) -> None:
    """Create the register or bring it up to date. Raises `RegisterError` if it is newer."""
    migrations = MIGRATIONS if migrations is None else migrations
    with engine.connect() as connection:
        if not pending(connection, migrations):
            return
    while True:
        opened = engine.connect().execution_options(**{WRITES: True})
        with opened as connection, connection.begin():
            # asked again under the lock: another program may have been faster
            todo = pending(connection, migrations)
            if not todo:
                return
            todo[0].apply(connection)
            # what creates a register creates all of it, so nothing is left to be done
            done = migrations if todo == migrations else todo[:1]
            rows = [{"name": m.name, "applied_at": now()} for m in done]
            connection.execute(insert(caveat_migrations), rows)


def pending(
    connection: Connection, migrations: tuple[Migration, ...] | None = None
) -> tuple[Migration, ...]:
    """The migrations that a database lacks; all of them for an empty one.

    Raises `RegisterError` for a database that is no register or a newer one than this version's.
    """
    migrations = MIGRATIONS if migrations is None else migrations
    if not inspect(connection).has_table(caveat_migrations.name):
        if inspect(connection).get_table_names():
            raise RegisterError("it holds other tables and is no Caveat register")
        return migrations
    done = set(connection.execute(select(caveat_migrations.c.name)).scalars())
    if unknown := done - {m.name for m in migrations}:
        raise RegisterError(
            f"it was written by a newer version of Caveat ({max(unknown)}): update Caveat to use it"
        )
    return tuple(m for m in migrations if m.name not in done)
