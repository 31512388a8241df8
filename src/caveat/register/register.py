"""The register: add findings, ask for entries. One object, one file or database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_data_path
from sqlalchemy import Connection, func, insert, select

from caveat.errors import RegisterError, UnknownPosition
from caveat.model import Actor, Article, Entry, Findings, Interval, Skipped, identity
from caveat.register import index, load
from caveat.register import migrations as steps
from caveat.register import schema as t
from caveat.register.background import Background, Known, background
from caveat.register.deciding import Decided
from caveat.register.derive import entries as derive
from caveat.register.derive.entries import derive_entries
from caveat.register.dialect import terms
from caveat.register.holdings import load_actors, load_holdings
from caveat.register.opinions import (
    Opinion,
    add_endpoint,
    add_opinions,
    add_reply,
    load_opinions,
    load_reply,
)
from caveat.register.rows import Reading, Rows, article_rows, finding_rows, reading_of
from caveat.register.searching import Found, search_articles, search_positions
from caveat.register.versions import link_versions
from caveat.register.views import HAND

RowState = Literal["new", "changed", "known", "gone"]
"""What importing a row came to."""


@dataclass(frozen=True, slots=True)
class ArticleSummary:
    """An article without its text. `current` tells the last version from those it replaced."""

    id: str
    name: str
    title: str | None
    outlet: str | None
    url: str | None
    published: Interval | None
    replaces: str | None
    current: bool
    positions: int
    """Current positions in it."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a register holds at present: current articles and positions, skips by reason."""

    articles: int
    positions: int
    skipped: Mapping[str, int]


def default_path() -> Path:
    """Where a register lies if nothing else is said: register.db in the user's data folder."""
    return user_data_path("caveat") / "register.db"


class Register(Decided):
    """A register in an SQLite file, or in a database by URL.

    Opening creates it or brings it up to date; with `read_only` nothing is ever written. A new
    register keeps the undertaking it is opened with, and can only be opened with that one, or
    with none. May be used from several threads; close it or use it as a context manager.

    Raises `RegisterError` if it cannot be opened, is missing though read-only, no register, newer
    than this version of Caveat or locked; `UndertakingMismatch` if it was read under another one.
    """

    # ------------------------------------------------------------------ writing

    def add(self, findings: Findings) -> bool:
        """Store an article and all that was found in it, in one transaction.

        Returns whether rows were new: a reading that is there already changes nothing. Findings
        of an article that was skipped are recorded as a skip. Raises `RegisterError` for words no
        database holds and spans outside the text, `UndertakingMismatch` for findings read under
        another undertaking than the register's.
        """
        article = findings.article
        if findings.skipped is not None:
            reason, _, detail = findings.skipped.partition(":")
            return self.skip(article.name or article.id, reason.strip(), detail.strip())
        self._check(findings)
        reading = reading_of(findings)
        known = select(t.readings.c.id).where(t.readings.c.id == reading.id)
        with self._reading() as connection:
            if connection.execute(known).first():
                return False
        rows = _new_rows(findings, reading)
        with self._writing(article.name) as connection:
            return _insert_reading(connection, findings, reading, rows)

    def import_row(self, source: str, row: str, findings: Findings | None) -> RowState:
        """Store a row of a table, or that it is gone (None), in one transaction.

        A row that says what it said the last time changes nothing; another one takes its place,
        and what it said before stays on record.
        """
        i = t.imported_rows.c
        reading = rows = None
        if findings is not None:
            self._check(findings)
            reading = reading_of(findings)
            rows = _new_rows(findings, reading)
        of_row = select(i.number, i.reading_id).where(i.source == source, i.row == row)
        with self._writing(f"{source}, {row}") as connection:
            last = connection.execute(of_row.order_by(i.number.desc()).limit(1)).first()
            if findings is not None and reading is not None and rows is not None:
                _insert_reading(connection, findings, reading, rows)
            now, before = reading and reading.id, last and last.reading_id
            if now == before:
                return "known"
            values = {"source": source, "row": row, "number": last.number + 1 if last else 1,
                      "reading_id": now, "imported_at": steps.now()}  # fmt: skip
            connection.execute(insert(t.imported_rows), [values])
        if now is None:
            return "gone"
        return "changed" if before else "new"

    def imported(self, source: str) -> frozenset[str]:
        """The rows of a table that count at present, by their ids."""
        i, later = t.imported_rows.c, t.imported_rows.alias().c
        last = select(func.max(later.number)).where(later.source == i.source, later.row == i.row)
        query = select(i.row).where(
            i.source == source, i.reading_id.is_not(None), i.number == last.scalar_subquery()
        )
        with self._reading() as connection:
            return frozenset(connection.execute(query).scalars())

    def skip(self, name: str, reason: str, detail: str) -> bool:
        """Record an input that was left out; returns whether that was new."""
        row = {"id": identity(name, reason, detail), "name": name, "reason": reason,
               "detail": detail, "first_seen": steps.now()}  # fmt: skip
        with self._writing(name) as connection:
            if connection.execute(select(t.skips.c.id).where(t.skips.c.id == row["id"])).first():
                return False
            connection.execute(insert(t.skips), [row])
        return True

    def keep_reply(
        self, key: str, asked: Mapping[str, str | int], reply: str, tokens: tuple[int, int]
    ) -> None:
        """Keep a language model's reply, with what was asked and the tokens in and out."""
        row = {"key": key, **asked, "reply": reply, "tokens_in": tokens[0],
               "tokens_out": tokens[1], "first_seen": steps.now()}  # fmt: skip
        with self._writing("a reply") as connection:
            add_reply(connection, row)

    def first_use(self, endpoint: str) -> bool:
        """Note an endpoint that texts are sent to; returns whether it was new."""
        with self._writing(endpoint) as connection:
            return add_endpoint(connection, endpoint, steps.now())

    def add_opinions(self, opinions: Iterable[Opinion]) -> int:
        """Store second opinions in one transaction; returns how many were new."""
        with self._writing("second opinions") as connection:
            return add_opinions(connection, opinions, steps.now())

    # ------------------------------------------------------------------ asking

    def reply(self, key: str) -> str | None:
        """The words of a language model's reply that is kept, else None."""
        with self._reading() as connection:
            return load_reply(connection, key)

    def opinions(self) -> tuple[Opinion, ...]:
        """All second opinions, of positions that are no longer current too."""
        with self._reading() as connection:
            return load_opinions(connection)

    def refresh(self) -> bool:
        """Make anew what follows from the register as a whole, so that questions are quick.

        To be called after adding; `read_into` does. Returns whether it is of the register as it
        stands now: not where another program added to it meanwhile (that one refreshes).
        """
        with self._reading() as connection:
            if index.is_fresh(connection):
                return True
            made_of = index.state(connection)
            rows = index.derived_rows(load_holdings(connection))
        with self._writing("what follows from its articles") as connection:
            if index.state(connection) != made_of:
                return False
            index.write(connection, rows, made_of)
        return True

    def entries(self, kinds: Collection[str] | None = None) -> tuple[Entry, ...]:
        """All current positions with what follows from the register as a whole.

        With `kinds` those alone, and claims of unnamed groups that give a number of parties.
        Sorted by day of report, article id and action. Loaded anew at each call: keep the
        tuple rather than ask twice.
        """
        with self._reading() as connection:
            if index.is_fresh(connection):
                chosen = index.all_derived if kinds is None else index.of_kinds(kinds)
                return index.load_entries(connection, chosen)
            found = derive_entries(load_holdings(connection))
        return found if kinds is None else tuple(e for e in found if _of_kinds(e, kinds))

    def standing(self, kinds: Collection[str], day: date | None = None) -> tuple[Entry, ...]:
        """The positions of some kinds that count on a day (None: of all that is known).

        These are words that no later one known by then had replaced, and claims of unnamed groups;
        of other kinds such claims as give a number of parties.
        Where what follows was not refreshed it may give replaced words as well.
        """
        with self._reading() as connection:
            if index.is_fresh(connection):
                chosen = index.standing_on(kinds, day)
                return index.load_entries(connection, chosen)
        return self.entries(kinds)

    def strongest(self, day: date | None = None) -> tuple[index.Strongest, ...] | None:
        """For each party and kind the word that decides on a day, by party and kind.

        None where what follows was not refreshed: then `entries` tell.
        """
        with self._reading() as connection:
            if not index.is_fresh(connection):
                return None
            return tuple(index.strongest(connection, day))

    def positions(self, ids: Collection[str]) -> dict[str, Entry]:
        """The current positions with these ids, by id."""
        with self._reading() as connection:
            if index.is_fresh(connection):
                return {e.id: e for e in index.load_entries(connection, index.of_ids(ids))}
        return {e.id: e for e in self.entries() if e.id in set(ids)}

    def ids(self, prefix: str) -> list[str]:
        """The ids of current positions that begin so, rejected ones included."""
        with self._reading() as connection:
            return load.ids_beginning(connection, prefix)

    def entry(self, prefix: str) -> Entry:
        """The current position whose id begins with `prefix`.

        Raises `UnknownPosition` when there is none or more than one.
        """
        ids = self.ids(prefix)
        if len(ids) != 1:
            many = f"{len(ids)} positions begin with {prefix!r}: give more of the id"
            raise UnknownPosition(many if ids else f"no current position begins with {prefix!r}")
        found = self.positions(ids)
        if not found:
            raise UnknownPosition(
                f"{ids[0]} was rejected in review: `caveat review --list` tells why"
            )
        return found[ids[0]]

    def search(self, words: str, most: int = 20) -> Found:
        """Positions in whose sentence or title all words stand, and articles that hold them all.

        The best first; words in quotation marks stand side by side. Current positions only.
        """
        if not terms(words):
            return Found((), ())
        with self._reading() as connection:
            ids = search_positions(connection, words, most)
            articles = search_articles(connection, words, most)
        found = self.positions(ids)
        return Found(tuple(found[i] for i in ids if i in found), articles)

    def propositions(self) -> dict[str, int]:
        """All propositions that conditions of current positions carry, denials left out.

        With the number of those conditions; as they were read, before wordings are joined.
        """
        with self._reading() as connection:
            return load.load_propositions(connection)

    def knows_by(self, day: date) -> bool:
        """Whether the index has a word known by a day; where not, `first_report` is sure."""
        with self._reading() as connection:
            return index.knows_by(connection, day)

    def first_report(self) -> date | None:
        """The day of the first report that a current position stands in; None without any."""
        with self._reading() as connection:
            return load.first_report(connection)

    def background(self, entry: Entry) -> Background:
        """What stands behind a position: chain of voices, identities, its origin."""
        with self._reading() as connection:
            held = load_holdings(connection)
            merged = derive.merges(held)
            standing = derive.standing(held, merged)
            party_of = {a: standing.party(a, entry.article_id) for a in held.actors}
            found = (link for links in standing.links.values() for link in links)
            known = Known(
                derive_entries(held, standing), held.sources[entry.article_id], held.actors,
                merged, tuple(found), party_of,
            )  # fmt: skip
            return background(connection, entry, known)

    def article(self, id_: str) -> Article:
        """An article as it was added, its text unchanged. Raises `RegisterError` if unknown."""
        with self._reading() as connection:
            article = load.load_article(connection, id_)
        if article is None:
            raise RegisterError(f"register {self.place} holds no article {id_!r}")
        return article

    def articles(self) -> tuple[ArticleSummary, ...]:
        """All articles, replaced versions included, by day and id."""
        with self._reading() as connection:
            rows = load.load_summaries(connection)
        made = (
            ArticleSummary(
                id=r.id,
                name=r.name,
                title=r.title,
                outlet=r.outlet,
                url=r.url,
                published=load.interval(r.published_start, r.published_end),
                replaces=r.replaces,
                current=r.replaced_by is None,
                positions=r.positions,
            )
            for r in rows
        )
        return tuple(made)

    def actors(self, ids: Collection[str] | None = None) -> dict[str, Actor]:
        """All actors of current readings and their listed members by id, in order of ids.

        With `ids` those that are known among them, and their members.
        """
        with self._reading() as connection:
            if index.is_fresh(connection):
                return index.load_actors(connection, ids)
            found = load_actors(connection)
        if ids is None:
            return found
        wanted = set(ids) | {m for i in ids if i in found for m in found[i].members}
        return {i: a for i, a in found.items() if i in wanted}

    def actor(self, id_: str) -> Actor:
        """One actor; of an id that no reading describes, what the id itself tells."""
        return self.actors([id_]).get(id_) or load.undescribed(id_)

    def skips(self) -> tuple[Skipped, ...]:
        """The inputs that were left out, in order of name."""
        s = t.skips.c
        with self._reading() as connection:
            rows = connection.execute(
                select(s.name, s.reason, s.detail).order_by(s.name, s.reason, s.detail)
            )
            return tuple(Skipped(*row) for row in rows)

    def counts(self) -> Counts:
        """How much there is, without loading it."""
        s = t.skips.c
        with self._reading() as connection:
            articles, positions = load.load_counts(connection)
            skipped = connection.execute(
                select(s.reason, func.count()).group_by(s.reason).order_by(s.reason)
            )
            return Counts(articles, positions, {r.reason: r[1] for r in skipped})

    def dump(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """Every row of every table as (table, values) in a fixed order, times of writing left out.

        Tables that only hold what follows from the others are left out, too. Two registers that
        were given the same findings dump the same.
        """
        with self._reading() as connection:
            tables = (x for x in t.metadata.tables.values() if x not in t.DERIVED)
            for table in sorted(tables, key=lambda each: each.name):
                columns = [c for c in table.c if c.name not in t.SEEN]
                rows = connection.execute(select(*columns).order_by(*table.primary_key.columns))
                yield from ((table.name, tuple(row)) for row in rows)


def _new_rows(findings: Findings, reading: Reading) -> tuple[Rows, Rows]:
    """The rows of an article and of its reading, made before the database is locked for them."""
    seen = steps.now()
    return article_rows(findings.article, seen), finding_rows(findings, reading, seen)


def _insert_reading(
    connection: Connection, findings: Findings, reading: Reading, rows: tuple[Rows, Rows]
) -> bool:
    """Add a reading, and its article at the first one; whether it was new."""
    r = t.readings.c
    # asked under the lock: another program may have been faster
    if connection.execute(select(r.id).where(r.id == reading.id)).first():
        return False
    last, by_machine = connection.execute(
        select(func.coalesce(func.max(r.number), 0), func.count().filter(r.reader != HAND)).where(
            r.article_id == reading.article
        )
    ).one()
    new_article, new_reading = rows
    if not last:
        _insert(connection, new_article)
    new_reading[t.readings][0]["number"] = last + 1
    _insert(connection, new_reading)
    if not by_machine and findings.reader != HAND:
        link_versions(connection, reading.article)
    return True


def _insert(connection: Connection, rows: Rows) -> None:
    for table, found in rows.items():
        if found:
            connection.execute(insert(table), found)


def _of_kinds(e: Entry, kinds: Collection[str]) -> bool:
    return e.position.kind in kinds or e.position.group_size is not None
