"""What follows from the register as a whole, kept in tables so that questions need not load it all.

The tables are a pure function of the others and hold nothing of their own: `refresh` makes them
after articles were added, `is_fresh` tells whether they are of the register as it stands. Where
they are not (a run was killed, or nobody refreshed), whoever asks derives anew and waits longer.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    union,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from caveat.model import TOWARDS_OTHERS, Actor, Entry
from caveat.register import load
from caveat.register import schema as t
from caveat.register.derive.entries import (
    Fact,
    Holdings,
    current_positions,
    derive_facts,
    entry_of,
    in_order,
)
from caveat.register.derive.reviewed import corrected
from caveat.register.load import Stored
from caveat.register.reviews import is_two_person
from caveat.succession import (
    LAST,
    MOMENTS,
    NEVER,
    Act,
    Held,
    act_of,
    beside,
    day_of,
    distributed,
    known_on,
    moment,
    replaced_on,
    strength,
)

RULES = "1"
"""To be raised where what is derived from the same rows changes."""

AT_ONCE = 10_000
"""Ids asked for in one query; databases allow some thirty thousand parameters."""

Rows = dict[Table, set[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class _Word:
    """A row of `standing_words`, as far as a board needs it."""

    stance: str
    negated: bool
    conditional: bool
    own: bool
    strength: int
    act: str
    id: str
    moment: int

    @property
    def positional(self) -> bool:
        return not self.negated and self.stance not in TOWARDS_OTHERS


@dataclass(frozen=True, slots=True)
class Strongest:
    """The word that decides where a party stands on a kind, and what was said beside it."""

    holder: str
    kind: str
    stance: str
    negated: bool
    own: bool
    conditional: bool
    disputed: bool
    positional: bool
    """Whether it is a position: no denial, and no stance towards others' acts."""
    said: date
    positions: tuple[str, ...]


# ------------------------------------------------------------------ making


def state(connection: Connection) -> str:
    """What the register holds, as one text: rows are only ever added, so their numbers tell."""
    tables = (
        t.readings, t.actor_decisions, t.proposition_decisions, t.reviews, t.imported_rows,
        t.article_marks,
    )  # fmt: skip
    counts = [connection.execute(select(func.count()).select_from(x)).scalar_one() for x in tables]
    return " ".join([RULES, *map(str, counts), "two" if is_two_person(connection) else "one"])


def is_fresh(connection: Connection) -> bool:
    """Whether the tables are of the register as it stands."""
    d = t.derivations.c
    made = connection.execute(select(d.value).where(d.name == "state")).scalar()
    return made is not None and made == state(connection)


def derived_rows(held: Holdings) -> Rows:
    """The rows of all derived tables."""
    stored = current_positions(held)
    facts = derive_facts(held, stored)
    keys = {s.id: s.key for s in stored}
    out: Rows = {
        t.derived_actors: {
            (a.id, a.name, a.type, json.dumps(a.members), a.anonymous) for a in held.actors.values()
        },
        t.derived_positions: set(),
        t.derived_holders: set(),
        t.standing_words: set(),
    }
    for s in stored:
        f = facts[s.id]
        kept = _kept(held, s) if s.reviewed else None
        fact = (f.origin, f.voice, f.speaker_party, f.speaker_stands, f.alone_in)
        out[t.derived_positions].add((s.key, s.id, s.position.kind, *fact, kept))
        out[t.derived_holders].update((s.key, n, h) for n, h in enumerate(f.holders))
    same = held.propositions
    entries = [entry_of(s, held.sources[s.article], facts[s.id], same) for s in stored]
    out[t.standing_words] = {
        *_words(distributed(entries, held.actors), keys), *_claims(entries, held.actors, keys),
    }  # fmt: skip
    places = [t.standing_words.columns.keys().index(n) for n in ("holder", "kind", "strength")]
    words = ([row[at] for at in places] for row in out[t.standing_words])
    out[t.derived_propositions] = set(same.items())
    out[t.derived_cells] = {(h, k) for h, k, strength_ in words if strength_ is not None}
    return out


def _kept(held: Holdings, s: Stored) -> str | None:
    """What the review that counts says of a position."""
    counts = held.reviewed.outcomes[s.id].counts
    return json.dumps(dict(counts.content), sort_keys=True) if counts is not None else None


def _words(by_holder: dict[str, list[Held]], keys: dict[str, int]) -> Iterator[tuple[Any, ...]]:
    for holder, held in by_holder.items():
        groups: dict[tuple[str, bool], list[Held]] = {}
        for h in held:
            p = h.entry.position
            inside = p.scope is None or p.scope.inside
            groups.setdefault((p.kind, inside), []).append(h)
        for (_, inside), some in groups.items():
            yield from _of_kind(holder, some, inside, keys)


def _of_kind(
    holder: str, held: list[Held], inside: bool, keys: dict[str, int]
) -> Iterator[tuple[Any, ...]]:
    # an undated word, too, takes the place of what a group's name brought: where no day is asked
    own = (min(known_on(h.entry), LAST) for h in held if h.own and not h.by_bloc)
    own_word = min(own, default=NEVER)
    for mine in (True, False):
        some = [h for h in held if h.own is mine]
        for h, day in zip(some, replaced_on(some), strict=True):
            until = min(day, own_word) if h.by_bloc else day
            p = h.entry.position
            yield (
                keys[h.entry.id], holder, p.kind, p.stance, p.negated, bool(p.conditions),
                h.voice, mine, h.by_bloc, inside, known_on(h.entry), until, strength(h), moment(h),
                _packed(act_of(h.entry)), False,
            )  # fmt: skip


def _claims(
    entries: Iterable[Entry], actors: Mapping[str, Actor], keys: dict[str, int]
) -> Iterator[tuple[Any, ...]]:
    for e in entries:
        p = e.position
        for holder in set(e.holders):
            actor = actors.get(holder)
            if actor is not None and actor.type == "group":
                yield (
                    keys[e.id], holder, p.kind, p.stance, p.negated, bool(p.conditions), p.voice,
                    False, None, p.scope is None or p.scope.inside, known_on(e), NEVER, None, 0,
                    "", p.group_size is not None,
                )  # fmt: skip


def _packed(act: Act) -> str:
    return json.dumps([act.place, act.mission, sorted(act.beneficiaries), sorted(act.words)])


def _unpacked(kind: str, act: str) -> Act:
    place, mission, beneficiaries, words = json.loads(act)
    return Act(kind, place, mission, frozenset(beneficiaries), frozenset(words))


def write(connection: Connection, rows: Rows, made_of: str) -> None:
    """Bring the tables to these rows; those that are there already stay."""
    for table, wanted in rows.items():
        columns = list(table.c)
        there = {tuple(r) for r in connection.execute(select(*columns))}
        key = [c.name for c in table.primary_key.columns]
        places = [columns.index(table.c[name]) for name in key]
        gone = [{f"old_{k}": r[at] for k, at in zip(key, places, strict=True)}
                for r in there - wanted]  # fmt: skip
        if gone:
            which = and_(*(table.c[k] == bindparam(f"old_{k}") for k in key))
            connection.execute(delete(table).where(which), gone)
        new = [dict(zip((c.name for c in columns), r, strict=True)) for r in wanted - there]
        if new:
            connection.execute(insert(table), new)
    connection.execute(delete(t.derivations))
    connection.execute(insert(t.derivations), [{"name": "state", "value": made_of}])
    connection.exec_driver_sql(f"ANALYZE {t.standing_words.name}")


# ------------------------------------------------------------------ asking


def load_actors(connection: Connection, ids: Collection[str] | None) -> dict[str, Actor]:
    """The actors by id, in order of ids; with `ids` those, and their listed members."""
    a = t.derived_actors.c
    query = select(a.actor, a.name, a.type, a.members, a.anonymous).order_by(a.actor)
    if ids is None:
        return _actors(connection, query)
    out: dict[str, Actor] = {}
    more = set(ids)
    while more:
        some = set(sorted(more)[:AT_ONCE])
        new = _actors(connection, query.where(a.actor.in_(some)))
        out |= new
        more = (more - some) | {m for x in new.values() for m in x.members} - set(out)
    return dict(sorted(out.items()))


def _actors(connection: Connection, query: Select[Any]) -> dict[str, Actor]:
    return {
        id_: Actor(id_, name, type_, tuple(json.loads(members)), bool(anonymous))
        for id_, name, type_, members, anonymous in connection.execute(query)
    }


def all_derived(key: ColumnElement[Any]) -> ColumnElement[bool]:
    """All current positions."""
    return key.in_(select(t.derived_positions.c.position_key))


def of_ids(ids: Collection[str]) -> load.Chosen:
    """The current positions with these ids."""
    d = t.derived_positions.c
    found = select(d.position_key).where(d.position_id.in_(ids))
    return lambda key: key.in_(found)


def of_kinds(kinds: Collection[str]) -> load.Chosen:
    """The current positions of these kinds, and unnamed groups' that give a number of parties."""
    p, d = t.positions.c, t.derived_positions.c
    found = (
        select(d.position_key)
        .join_from(t.derived_positions, t.positions, d.position_key == p.key)
        .where(or_(d.kind.in_(kinds), p.group_min.is_not(None), p.group_max.is_not(None)))
    )
    return lambda key: key.in_(found)


def _stands(rows: ReadOnlyColumnCollection[str, Any], day: date | None) -> ColumnElement[bool]:
    """Whether a row of `standing_words` is known on a day and not replaced by then; None: ever."""
    if day is None:
        never: ColumnElement[bool] = rows.replaced_on == NEVER
        return never
    return and_(rows.known_on <= day, rows.replaced_on > day)


def standing_on(kinds: Collection[str], day: date | None) -> load.Chosen:
    """The words of these kinds that stand on a day, and claims of any kind that give a number."""
    s = t.standing_words.c
    words = select(s.position_key).where(s.kind.in_(kinds), _stands(s, day))
    claims = select(s.position_key).where(s.sized, _stands(s, day))
    found = union(words, claims)
    return lambda key: key.in_(found)


def load_entries(connection: Connection, chosen: load.Chosen) -> tuple[Entry, ...]:
    """The entries of chosen positions, by what was derived of them."""
    d, h = t.derived_positions.c, t.derived_holders.c
    holders: dict[int, list[str]] = {}
    found = select(h.position_key, h.holder).where(chosen(h.position_key))
    for key, holder in connection.execute(found.order_by(h.position_key, h.number)):
        holders.setdefault(key, []).append(holder)
    columns = (d.position_key, d.origin, d.voice, d.speaker_party, d.speaker_stands, d.alone_in)
    facts, kept = {}, {}
    for key, *rest, review in connection.execute(
        select(*columns, d.review).where(chosen(d.position_key))
    ):
        facts[key] = Fact(tuple(holders.get(key, ())), *rest)
        if review is not None:
            kept[key] = json.loads(review)
    texts = load.load_texts(connection, chosen)
    same = same_propositions(connection)
    return in_order(
        entry_of(_as_reviewed(s, kept.get(s.key)), texts[s.article], facts[s.key], same)
        for s in load.load_positions(connection, chosen)
        if s.key in facts
    )


def _as_reviewed(s: Stored, content: Mapping[str, Any] | None) -> Stored:
    if content is None:
        return s
    return replace(s, position=corrected(s.position, content), reviewed=True)


def same_propositions(connection: Connection) -> dict[str, str]:
    """For propositions that are one with another the name that stands for both."""
    d = t.derived_propositions.c
    found = connection.execute(select(d.proposition, d.stands_as))
    return {r.proposition: r.stands_as for r in found}


def knows_by(connection: Connection, day: date) -> bool:
    """Whether some word is known by a day."""
    s = t.standing_words.c
    found = select(s.position_key).where(s.sized.is_(False), s.known_on <= day).limit(1)
    return connection.execute(found).first() is not None


def strongest(connection: Connection, day: date | None) -> list[Strongest]:
    """For each party and kind in scope the word that decides on a day; in order of both."""
    s, d, c = t.standing_words.c, t.derived_positions.c, t.derived_cells.c
    stands = and_(s.inside, s.strength.is_not(None), _stands(s, day))
    # one look into the index for each cell, whatever the number of words
    first = (
        select(s.strength)
        .where(s.holder == c.holder, s.kind == c.kind, stands)
        .order_by(s.strength.desc())
        .limit(1)
        .correlate(t.derived_cells)
        .scalar_subquery()
    )
    # rows by their values and not by a join: SQLite would read the whole table for a join's filter
    best = select(c.holder, c.kind, first % MOMENTS)
    words = (
        select(
            s.holder, s.kind, s.stance, s.negated, s.conditional, s.own, s.strength, s.act,
            d.position_id, s.moment,
        )
        .join_from(t.standing_words, t.derived_positions, d.position_key == s.position_key)
        .where(stands, tuple_(s.holder, s.kind, s.moment).in_(best))
    )  # fmt: skip
    cells: dict[tuple[str, str], set[_Word]] = {}
    for holder, kind, *word in connection.execute(words).all():
        cells.setdefault((holder, kind), set()).add(_Word(*word))
    return [_decides(*cell, words_) for cell, words_ in sorted(cells.items(), key=lambda c: c[0])]


def _decides(holder: str, kind: str, words: Collection[_Word]) -> Strongest:
    lead = max(words, key=lambda w: (w.strength, w.id))
    found = [lead]
    if lead.positional and len(words) > 1:
        act = _unpacked(kind, lead.act)
        others = (w for w in words if w is not lead and w.own == lead.own)
        found += [
            w
            for w in others
            if beside(act, lead.stance, _unpacked(kind, w.act), w.stance, w.positional)
        ]
    return Strongest(
        holder, kind, lead.stance, lead.negated, lead.own,
        conditional=all(w.conditional for w in found),
        disputed=len({(w.stance, w.negated) for w in found}) > 1,
        positional=lead.positional,
        said=day_of(lead.moment),
        positions=tuple(w.id for w in sorted(found, key=lambda w: (w.negated, w.id))),
    )  # fmt: skip
