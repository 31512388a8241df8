"""A register's positions as CSV or JSON: evidence sentence and link, never the full text."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from caveat.model import Actor, Entry
from caveat.show.contract import interval_object
from caveat.show.shapes import entry_object
from caveat.show.words import name_of

COLUMNS: tuple[str, ...] = (
    "id", "holders", "holder_ids", "holder_words", "group_least", "group_most", "stance",
    "negated", "kind", "action", "conditions", "relations", "propositions", "amounts", "voice",
    "speaker", "relay", "said_start", "said_end", "reported_start", "reported_end", "place",
    "mission", "in_scope", "scope_reason", "caveats", "confidence", "reviewed", "outlet", "title",
    "url", "article", "origin", "reader", "sentence",
)  # fmt: skip
"""One row a position; a cell with several values joins them by " | "."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet run a cell (OWASP, "CSV Injection"), full-width forms included."""


def write_csv(entries: Iterable[Entry], actors: Mapping[str, Actor], out: TextIO) -> int:
    """Write `COLUMNS` and one row a position to a file opened with newline=""; rows written."""
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    rows = 0
    for entry in entries:
        writer.writerow({k: harmless(v) for k, v in _row(entry, actors).items()})
        rows += 1
    return rows


def write_json(entries: Iterable[Entry], actors: Mapping[str, Actor], out: TextIO) -> int:
    """Write a JSON list, one position a line; returns how many."""
    rows = 0
    out.write("[")
    for entry in entries:
        out.write(",\n" if rows else "\n")
        out.write(json.dumps(entry_object(entry, actors), ensure_ascii=False))
        rows += 1
    out.write("\n]\n" if rows else "]\n")
    return rows


def harmless(value: object) -> str:
    """A cell that no spreadsheet takes for a formula: such text gets an apostrophe in front."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _row(e: Entry, actors: Mapping[str, Actor]) -> dict[str, Any]:
    p = e.position
    said, reported = interval_object(p.said), interval_object(e.reported)
    least, most = p.group_size or (None, None)
    return {
        "id": e.id,
        "holders": _join(name_of(h, actors) for h in e.holders),
        "holder_ids": _join(e.holders),
        "holder_words": _join(e.holder_words),
        "group_least": least,
        "group_most": most,
        "stance": p.stance,
        "negated": _yes(p.negated),
        "kind": p.kind,
        "action": e.action_words,
        "conditions": _join(e.condition_words),
        "relations": _join(c.relation for c in p.conditions),
        "propositions": _join(c.proposition or "" for c in p.conditions),
        "amounts": _join(e.amount_words),
        "voice": p.voice,
        "speaker": e.speaker_words,
        "relay": _join(e.relay_words),
        "said_start": said["start"],
        "said_end": said["end"],
        "reported_start": reported["start"],
        "reported_end": reported["end"],
        "place": p.scope.place if p.scope else None,
        "mission": p.scope.mission if p.scope else None,
        "in_scope": _yes(p.scope.inside) if p.scope else None,
        "scope_reason": p.scope.reason if p.scope else None,
        "caveats": _join(c.name for c in p.caveats),
        "confidence": f"{p.confidence:.4f}",
        "reviewed": _yes(e.reviewed),
        "outlet": e.outlet,
        "title": e.title,
        "url": e.url,
        "article": e.article_id,
        "origin": e.origin,
        "reader": e.reader,
        "sentence": e.sentence,
    }


def _join(values: Iterable[str]) -> str:
    return " | ".join(values)


def _yes(value: bool) -> str:
    return "yes" if value else "no"
