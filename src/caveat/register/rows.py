"""Findings → rows, table by table; pure, so that the same findings always give the same rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table

from caveat.errors import RegisterError
from caveat.model import (
    Article,
    Attribution,
    Findings,
    Interval,
    Position,
    Resolution,
    Span,
    identity,
)
from caveat.register import schema as t
from caveat.register.derive.copies import signature, told
from caveat.register.views import HAND

Row = dict[str, Any]
Rows = Mapping[Table, list[Row]]
"""Rows by table, in an order in which they can be inserted."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The reading that findings make: its id, its article's and the reader."""

    id: str
    article: str
    reader: str
    undertaking: str | None


def reading_of(findings: Findings) -> Reading:
    """The identity of a reading: article and reader; by hand, what was entered as well."""
    article = findings.article.id
    entered: tuple[str, ...] = ()
    if findings.reader == HAND:
        # a person may enter a second position from the same words
        entered = tuple(p.id(article) for p in findings.positions)
    id_ = identity(article, findings.reader, *entered)
    return Reading(id_, article, findings.reader, findings.undertaking)


def article_rows(article: Article, seen: str) -> Rows:
    """The rows of an article alone; what it replaces is set when its versions are linked."""
    id_ = article.id
    parts: list[tuple[str, Span]] = [(p.kind, p.span) for p in article.parts]
    parts += [("carrier", s) for s in article.carried_by]
    row = {
        "id": id_,
        "sha256": article.sha256,
        "title": article.title,
        "outlet": article.outlet,
        "url": article.url,
        **_interval("published", article.published),
        "published_from": article.published_from,
        "language": article.language,
        "name": article.name,
        "extra": json.dumps(dict(article.extra), ensure_ascii=False, sort_keys=True),
        "replaces": None,
        "first_seen": seen,
        "text": article.text,
    }
    return {
        t.articles: [row],
        t.article_parts: [
            {"article_id": id_, "number": n, "kind": kind, **_span(s)}
            for n, (kind, s) in enumerate(parts)
        ],
        t.article_keys: [article_key_row(id_)],
        t.signatures: [signature_row(article)],
    }


def article_key_row(article: str) -> Row:
    """The row that gives an article's id a number: 60 bits of its hash."""
    return {"key": int(article[:15], 16), "article_id": article}


def signature_row(article: Article) -> Row:
    """The row by which an article's copies are found."""
    words = told(article.text, article.parts, article.title, article.outlet, article.published)
    return {"article_id": article.id, "state": signature(words)}


def finding_rows(findings: Findings, reading: Reading, seen: str) -> Rows:
    """The rows of one reading; positions with one id are one, the first of them.

    The reading's number, how many readings its article had before, is left to the register.
    Raises `RegisterError` where a span ends after the text.
    """
    positions: dict[str, Position] = {}
    for p in findings.positions:
        positions.setdefault(p.id(reading.article), p)
    rows: dict[Table, list[Row]] = {
        t.readings: [
            {
                "id": reading.id,
                "article_id": reading.article,
                "number": None,
                "reader": reading.reader,
                "undertaking": reading.undertaking,
                "first_seen": seen,
            }
        ],
        t.actors: list(_actor_rows(findings.resolution, reading.id)),
        t.speaks_for: [
            {"reading_id": reading.id, "number": n, "speaker": e.speaker, "party": e.party,
             "role": e.role, "single": e.single, **_span(e.span)}
            for n, e in enumerate(findings.resolution.speaks_for)
        ],
        t.mentions: list(_mention_rows(findings, reading.id)),
        t.attributions: list(_attribution_rows(findings, reading.id)),
        t.attribution_spans: [
            row
            for n, a in enumerate(findings.attributions)
            for row in _attribution_span_rows(a, n, reading.id)
        ],
    }  # fmt: skip
    for id_, p in positions.items():
        for table, found in _position_rows(id_, p, reading).items():
            rows.setdefault(table, []).extend(found)
    _check_ends(rows, len(findings.article.text))
    return rows


def _check_ends(rows: Rows, length: int) -> None:
    for table, found in rows.items():
        ends = [c.name for c in table.c if c.name.endswith("_end") and c.type.python_type is int]
        for row in found:
            for end in ends:
                if (row[end] or 0) > length:
                    raise RegisterError(
                        f"{table.name}: a span ends at {row[end]}, the text at {length}"
                    )


def position_key(reading: str, position: str) -> int:
    """The key of a reading's position: 60 bits of a hash, so that SQLite's integers hold it."""
    return int(identity(reading, position)[:15], 16)


def _span(span: Span | None, name: str = "span") -> Row:
    start, end = span or (None, None)
    return {f"{name}_start": start, f"{name}_end": end}


def _interval(name: str, interval: Interval | None) -> Row:
    return {
        f"{name}_start": interval and interval.start,
        f"{name}_end": interval and interval.end,
    }


def _actor_rows(resolution: Resolution, reading: str) -> Iterator[Row]:
    for actor in {a.id: a for a in reversed(resolution.actors)}.values():
        yield {
            "reading_id": reading,
            "actor": actor.id,
            "name": actor.name,
            "type": actor.type,
            "anonymous": actor.anonymous,
            "members": json.dumps(list(actor.members)),
        }


def _mention_rows(findings: Findings, reading: str) -> Iterator[Row]:
    needed = set(_spans_used(findings))
    written: set[tuple[Span, str]] = set()
    for number, mention in enumerate(findings.resolution.mentions):
        for actor in mention.actors:
            if mention.span in needed and (mention.span, actor) not in written:
                written.add((mention.span, actor))
                yield {
                    "reading_id": reading,
                    "actor": actor,
                    "number": number,
                    "how": mention.how,
                    **_span(mention.span),
                }


def _spans_used(findings: Findings) -> Iterator[Span]:
    for p in findings.positions:
        yield from (*p.holder, *p.addressee, *p.beneficiary, *p.relay)
        if p.speaker:
            yield p.speaker
    for a in findings.attributions:
        yield from (*a.source, *a.relay)
    for e in findings.resolution.speaks_for:
        yield e.span


def _attribution_rows(findings: Findings, reading: str) -> Iterator[Row]:
    named = findings.attribution_actors
    for n, a in enumerate(findings.attributions):
        actor = named[n] if n < len(named) else None
        yield {"reading_id": reading, "number": n, "within": a.within, "actor": actor}


def _attribution_span_rows(a: Attribution, n: int, reading: str) -> Iterator[Row]:
    roles = (("source", a.source), ("cue", a.cue), ("content", a.content), ("relay", a.relay))
    for role, spans in roles:
        for number, span in enumerate(spans):
            yield {
                "reading_id": reading,
                "attribution": n,
                "role": role,
                "number": number,
                **_span(span),
            }


def _position_rows(id_: str, p: Position, reading: Reading) -> Rows:
    key = position_key(reading.id, id_)
    spans = {"holder": p.holder, "addressee": p.addressee, "beneficiary": p.beneficiary,
             "relay": p.relay}  # fmt: skip
    actors = {"holder": p.holder_actors, "addressee": p.addressee_actors,
              "beneficiary": p.beneficiary_actors, "relay": p.relay_actors}  # fmt: skip
    by_role = {"position_key": key}
    return {
        t.positions: [_position_row(key, id_, p, reading)],
        t.position_spans: [
            {**by_role, "role": role, "number": n, **_span(s)}
            for role, found in spans.items()
            for n, s in enumerate(found)
        ],
        t.position_actors: [
            {**by_role, "role": role, "number": n, "actor": a}
            for role, found in actors.items()
            for n, a in enumerate(found)
        ],
        t.conditions: _numbered(
            key,
            (
                {**_span(c.span), "relation": c.relation, "proposition": c.proposition,
                 "or_group": c.group}
                for c in p.conditions
            ),
        ),
        t.amounts: _numbered(
            key,
            (
                {**_span(a.span), "value": a.value, "max_value": a.max, "unit": a.unit,
                 "bound": a.bound}
                for a in p.amount
            ),
        ),
        t.times: _numbered(
            key, ({**_span(w.span), "start_day": w.start, "end_day": w.end} for w in p.time)
        ),
        t.caveats: _numbered(key, ({"name": c.name, "why": c.why} for c in p.caveats)),
        t.caveat_spans: [
            {**by_role, "caveat": n, "number": m, **_span(s)}
            for n, c in enumerate(p.caveats)
            for m, s in enumerate(c.evidence)
        ],
    }  # fmt: skip


def _numbered(key: int, rows: Iterable[Row]) -> list[Row]:
    return [{"position_key": key, "number": n, **row} for n, row in enumerate(rows)]


def _position_row(key: int, id_: str, p: Position, reading: Reading) -> Row:
    least, most = p.group_size or (None, None)
    return {
        "key": key,
        "id": id_,
        "reading_id": reading.id,
        "article_id": reading.article,
        "stance": p.stance,
        "kind": p.kind,
        "negated": p.negated,
        "voice": p.voice,
        "confidence": p.confidence,
        **_span(p.action, "action"),
        **_span(p.sentence, "sentence"),
        **_span(p.speaker, "speaker"),
        "speaker_actor": p.speaker_actor,
        "attribution": p.attribution,
        **_interval("said", p.said),
        "scope_inside": p.scope and p.scope.inside,
        "scope_place": p.scope and p.scope.place,
        "scope_mission": p.scope and p.scope.mission,
        "scope_reason": p.scope and p.scope.reason,
        "group_min": least,
        "group_max": most,
    }
