"""The report: one self-contained HTML page that opens from disk and never calls out.

Hostile text is expected: everything is escaped, only http and https links become links, and the
page's own policy allows no source but the script and style that stand in it, by their hashes.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

import jinja2
from markupsafe import Markup

from caveat.ask import (
    TIERS,
    Board,
    Cell,
    Change,
    Conflict,
    Count,
    Held,
    Move,
    Scenario,
    Timeline,
)
from caveat.model import KINDS, Actor, Entry, Skipped
from caveat.show import words
from caveat.show.figures import measured_words
from caveat.show.marks import marked
from caveat.show.pictures import bars, course, note_words, strip, timeline
from caveat.undertaking import Undertaking

DENSE_FROM = 10
"""A board with more kinds than this shows two letters in a cell, so that it still fits 1280 px."""


@dataclass(frozen=True, slots=True)
class Material:
    """All that a report tells; `ask` has counted it. The first scenario is the question itself."""

    scenarios: tuple[Scenario, ...]
    board: Board
    entries: Mapping[str, Entry]
    """The positions that the board's cells name, by id."""
    changes: tuple[Change, ...]
    course: Timeline
    pair: Move | None
    """The two propositions that bring most together, where they bring more than one alone."""
    conflicts: tuple[Conflict, ...]
    actors: Mapping[str, Actor]
    undertaking: Undertaking
    skipped: tuple[Skipped, ...]
    counts: Mapping[str, int]
    made: date


def render(material: Material) -> str:
    """The page as one text."""
    style, script = _asset("report.css"), _asset("report.js")
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            **_view(material),
            style=Markup(style),  # ours, out of the package
            script=Markup(script),
            style_hash=_hash(style),
            script_hash=_hash(script),
        )
    )


@functools.cache
def _environment() -> jinja2.Environment:
    env = jinja2.Environment(
        loader=jinja2.PackageLoader("caveat.show"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {
        "link": safe_link,
        "when": words.when_words,
        "day": words.day_words,
        "marked": marked,
        "stance": words.stance_words,
        "conditions": words.conditions_of,
        "size": words.size_words,
        "short": lambda id_: id_[:8],
        "plural": words.plural,
        "series": words.series,
        "pct": lambda value: f"{value:.3f}%",
    }
    return env


def _asset(name: str) -> str:
    return (resources.files("caveat.show") / "templates" / name).read_text("utf-8").strip()


def _hash(text: str) -> str:
    """The source expression of an inline script or style in a content security policy."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def safe_link(url: str | None) -> str | None:
    """The address if a click on it can do nothing but open a web page, else None."""
    if not url or not url.isprintable() or url != url.strip():
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme.lower() in ("http", "https") and parts.hostname else None


def _view(m: Material) -> dict[str, Any]:
    answer = m.scenarios[0].answer
    cards = _cards(m)
    name = functools.partial(words.name_of, actors=m.actors)
    moving, still = _scenario_rows(m)
    return {
        "answer": answer,
        "question": words.question_words(answer, m.actors),
        "sentence": words.answer_words(answer, m.actors),
        "headline": words.headline(answer, m.actors),
        "asked": words.asked_words(answer.question),
        "assumed": [_assumed(m, p, t) for p, t in answer.question.assumptions],
        "as_of": answer.question.as_of,
        "parties": words.party_words(answer, m.actors),
        "strip": strip(answer, m.actors),
        "scenarios": moving,
        "still": still,
        "tiers": _tiers(answer, m.actors),
        "claims": answer.group_claims,
        "beside": _beside(answer.towards_others),
        "apart": answer.out_of_scope,
        "columns": m.board.kinds,
        "rows": [(name(a), [_cell(m.board.cells.get((a, k))) for k in m.board.kinds])
                 for a in m.board.actors],
        "dense": len(m.board.kinds) > DENSE_FROM,
        "stance_codes": words.STANCE_CODES,
        "pair": _pair(m),
        "hanging": list(words.hanging_words(answer, m.actors)),
        "conflicts": m.conflicts,
        "course": course(m.course.points, answer.question.as_of or m.made),
        "timeline": timeline(m.changes, m.actors, answer.question.as_of or m.made),
        "changes": [c for c in m.changes if c.before is not None],
        "cards": cards,
        "name": name,
        "speaker": functools.partial(words.speaker_words, actors=m.actors),
        "skipped": _skipped(m.skipped),
        "counts": m.counts,
        "readers": [(r, measured_words(r)) for r in _readers(cards)],
        "undertaking": m.undertaking,
        "made": m.made,
    }  # fmt: skip


def _assumed(m: Material, proposition: str, truth: bool) -> str:
    text = proposition if truth else f"not:{proposition}"
    return words.assumption_words(text, m.undertaking, m.actors)


def _scenario_rows(m: Material) -> tuple[list[dict[str, Any]], list[str]]:
    """What changes the answer as rows, what alone changes nothing by its wording only."""
    base = m.scenarios[0].answer
    denied = [move for move in base.moves if move.assumption.startswith("not:")]
    still = [s for s in m.scenarios[1:] if _same(s.answer, base)]
    moving = [s for s in m.scenarios if s not in still]
    scale = [(s.answer.lower, s.answer.upper) for s in moving]
    drawn = bars([*scale, *((move.lower, move.upper) for move in denied)])
    rows: list[dict[str, Any]] = [
        {
            "label": _label(m, s.assumption),
            "bounds": words.bounds_words(s.answer.lower, s.answer.upper),
            "firm": [h for h in s.answer.firm if h not in base.firm or s.assumption is None],
            "lost": _lost(base, s.answer),
        }
        for s in moving
    ]
    rows += [
        {
            "label": _label(m, move.assumption),
            "bounds": words.bounds_words(move.lower, move.upper),
            "firm": move.gains_lower,
            "lost": move.leaves_upper,
        }
        for move in denied
    ]
    for row, bar in zip(rows, drawn, strict=True):
        row["bar"] = bar
        for key in ("firm", "lost"):
            row[key] = [words.name_of(h, m.actors) for h in row[key]]
    return rows, [_label(m, s.assumption) for s in still]


def _pair(m: Material) -> str | None:
    """ "A ceasefire holds and the mandate is clear: 3 to 6"."""
    if m.pair is None:
        return None
    both = m.pair.assumption.split(" and ")
    told = words.series(words.assumption_words(p, m.undertaking, m.actors) for p in both)
    gained = words.series(words.name_of(h, m.actors) for h in m.pair.gains_lower)
    return f"{told}: {words.bounds_words(m.pair.lower, m.pair.upper)}, with {gained} firm"


def _same(a: Count, b: Count) -> bool:
    return (a.lower, a.upper, a.firm) == (b.lower, b.upper, b.firm)


def _lost(base: Count, then: Count) -> list[str]:
    staying = {s.holder for s in then.standings if s.in_upper}
    return [s.holder for s in base.standings if s.in_upper and s.holder not in staying]


def _label(m: Material, assumption: str | None) -> str:
    if assumption is None:
        given = m.scenarios[0].answer.question.assumptions
        return "Nothing more assumed" if given else "Nothing assumed"
    return words.assumption_words(assumption, m.undertaking, m.actors)


def _tiers(answer: Count, actors: Mapping[str, Actor]) -> list[dict[str, Any]]:
    out = []
    for tier in TIERS:
        found = sorted(answer.tier(tier), key=lambda s: words.name_of(s.holder, actors))
        if found or tier in ("firm", "conditional"):
            out.append({
                "tier": tier, "label": words.TIER_WORDS[tier], "means": words.TIER_MEANS[tier],
                "rows": [{"name": words.name_of(s.holder, actors), "s": s, "note": note_words(s),
                          "held": _said_once(s.rests_on)} for s in found],
            })  # fmt: skip
    return out


def _said_once(held: Sequence[Held]) -> list[Held]:
    """Of positions that read alike, as copies do, the last."""
    alike = {(words.held_words(h), h.entry.amount_words): h for h in held}
    return list(alike.values())


def _beside(held: Sequence[Held]) -> list[tuple[str, list[Held]]]:
    """Stances towards others' acts, by stance."""
    return [
        (stance, [h for h in held if h.entry.position.stance == stance])
        for stance in ("opposes", "threatens", "demands")
        if any(h.entry.position.stance == stance for h in held)
    ]


def _cell(cell: Cell | None) -> dict[str, Any] | None:
    if cell is None:
        return None
    marks = [
        words.STANCE_MARKS[key]
        for key, on in (
            ("negated", cell.negated), ("conditional", cell.conditional),
            ("others", not cell.own), ("disputed", cell.disputed), ("stale", cell.stale),
        )
        if on
    ]  # fmt: skip
    return {
        "c": cell,
        "word": cell.stance,
        "code": words.STANCE_CODES[cell.stance],
        "ids": list(cell.positions),
        "told": ", ".join((f"not {cell.stance}" if cell.negated else cell.stance, *marks)),
    }


def _cards(m: Material) -> list[Entry]:
    """Every position that the page speaks of, once, ordered by kind, holder and time."""
    answer = m.scenarios[0].answer
    held = [h for s in answer.standings for h in (*s.rests_on, *s.contradicted_by, *s.superseded)]
    held += [*answer.towards_others, *answer.out_of_scope]
    held += [h for c in m.changes for h in (c.before, c.after) if h is not None]
    entries = [h.entry for h in held] + [e for c in answer.group_claims for e in c.entries]
    entries += [e for c in m.conflicts for e in c.entries]
    entries += [m.entries[id_] for c in m.board.cells.values() for id_ in c.positions]
    unique = {e.id: e for e in entries}
    return sorted(unique.values(), key=functools.partial(_card_order, actors=m.actors))


def _card_order(e: Entry, actors: Mapping[str, Actor]) -> tuple[int, bool, str, date, str]:
    day = (e.reported and (e.reported.end or e.reported.start)) or date.min
    kind = KINDS.index(e.position.kind) if e.position.kind in KINDS else len(KINDS)
    group = any((a := actors.get(h)) is not None and a.type == "group" for h in e.holders)
    return kind, group, words.series(words.name_of(h, actors) for h in e.holders), day, e.id


def _readers(cards: Iterable[Entry]) -> list[str]:
    return [r for r, _ in Counter(e.reader for e in cards).most_common()]


def _skipped(skipped: Sequence[Skipped]) -> list[tuple[str, list[Skipped]]]:
    reasons = Counter(s.reason for s in skipped)
    return [(r, [s for s in skipped if s.reason == r]) for r, _ in reasons.most_common()]
