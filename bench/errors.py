"""Where positions go wrong: by stance, kind, relation and outlet, and what turns an answer round.

Gold rows are {"id", "text", "positions", "outlet"}, predictions {id: positions}, both in the
scorer's form. Pairing is the scorer's own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from bench.data import scorer

Row = Mapping[str, Any]
Predictions = Mapping[str, Sequence[Row]]
FIRM = ("done", "pledged", "ready")
WANTED = 0.85
"""The share of positions right (stance and all holders) above the bound of `sure_share`."""


@cache
def _scorer() -> Any:
    return scorer("positions")


def pairs_of(row: Row, guesses: Sequence[Row]) -> list[tuple[Row, Row]]:
    """Gold positions of a passage with the predicted ones that the scorer pairs them with."""
    return list(_scorer()._pairs(row["positions"], list(guesses), row["text"]))


def right(gold: Row, guess: Row, text: str) -> bool:
    """Stance and all holders right, as the confidence is calibrated for."""
    s = _scorer()
    same = gold["stance"] == guess["stance"]
    return same and bool(s._all_right(s._spans(gold, "holder"), s._spans(guess, "holder"), text))


def turned(gold: Row, guess: Row) -> str | None:
    """Which way a found position turns the answer round, or None."""
    if gold["stance"] == "refused" and guess["stance"] in (*FIRM, "considering"):
        return "refused read as willing"
    promised = gold["stance"] in ("pledged", "ready") and guess["stance"] in FIRM
    if promised and gold["conditions"] and not guess["conditions"]:
        return "conditional read as firm"
    if gold["stance"] in ("demands", "opposes") and guess["stance"] in FIRM:
        return "demand read as a promise"
    if gold["negated"] and not guess["negated"] and guess["stance"] == gold["stance"]:
        return "negation lost"
    return None


def breakdown(rows: Sequence[Row], predictions: Predictions) -> dict[str, Any]:
    """Tables {group: {value: {"gold", "found", "stance", "right", "kind"}}}, relations, confusion.

    `turned` gives {way: ids}; `found` how many gold positions were paired.
    """
    tables: dict[str, dict[str, Counter[str]]] = {
        name: defaultdict(Counter) for name in ("stance", "kind", "outlet")
    }
    relations: dict[str, Counter[str]] = defaultdict(Counter)
    confusion: Counter[tuple[str, str]] = Counter()
    turns: dict[str, list[str]] = defaultdict(list)
    found = 0
    for row in rows:
        pairs = pairs_of(row, predictions.get(row["id"], ()))
        paired = {id(g): p for g, p in pairs}
        found += len(pairs)
        for g in row["positions"]:
            p = paired.get(id(g))
            for name, table in tables.items():
                cell = table[str(row.get("outlet") if name == "outlet" else g[name])]
                cell["gold"] += 1
                if p is not None:
                    cell["found"] += 1
                    cell["stance"] += p["stance"] == g["stance"]
                    cell["kind"] += p["kind"] == g["kind"]
                    cell["right"] += right(g, p, row["text"])
            confusion[g["stance"], p["stance"] if p else "not found"] += 1
            _count_relations(g, p, row["text"], relations)
            if p is not None and (way := turned(g, p)):
                turns[way].append(row["id"])
        confusion.update(
            ("no position", p["stance"])
            for p in predictions.get(row["id"], ())
            if not any(p is q for _, q in pairs)
        )
    return {
        **{name: {k: dict(c) for k, c in sorted(t.items())} for name, t in tables.items()},
        "relation": {k: dict(c) for k, c in sorted(relations.items())},
        "confusion": dict(confusion),
        "turned": dict(turns),
        "found": found,
    }


def _count_relations(
    gold: Row, guess: Row | None, text: str, relations: dict[str, Counter[str]]
) -> None:
    for c in gold["conditions"]:
        cell = relations[c["relation"]]
        cell["gold"] += 1
        if guess is None:
            continue
        cell["found"] += 1
        hits = [
            x["relation"]
            for x in guess["conditions"]
            if _scorer().char_f([c["span"]], [x["span"]], text) >= 0.5
        ]
        cell["span"] += bool(hits)
        cell["right"] += c["relation"] in hits


def judged(rows: Sequence[Row], predictions: Predictions) -> list[tuple[float, bool]]:
    """(confidence, right) of every printed position."""
    out = []
    for row in rows:
        guesses = predictions.get(row["id"], ())
        good = {id(p) for g, p in pairs_of(row, guesses) if right(g, p, row["text"])}
        out += [(float(p["confidence"]), id(p) in good) for p in guesses]
    return out


def sure_share(pairs: Iterable[tuple[float, bool]], wanted: float = WANTED) -> tuple[float, float]:
    """(bound, share): the largest share of positions, surest first, of which `wanted` are right."""
    ranked = sorted(pairs, reverse=True)
    hits, best = 0, (1.0, 0.0)
    for n, (score, ok) in enumerate(ranked, 1):
        hits += ok
        if n >= 10 and hits / n >= wanted:
            best = (score, n / len(ranked))
    return best


def above(pairs: Sequence[tuple[float, bool]], bound: float) -> tuple[int, int, int]:
    """How many positions are at or above the bound and right, at or above it, and printed."""
    sure = [ok for score, ok in pairs if score >= bound]
    return sum(sure), len(sure), len(pairs)


def reliability(
    pairs: Sequence[tuple[float, bool]], bins: int = 10
) -> list[tuple[float, float, int]]:
    """(mean confidence, share right, count) by equal stretches of confidence."""
    out = []
    for k in range(bins):
        some = [p for p in pairs if min(int(p[0] * bins), bins - 1) == k]
        if some:
            n = len(some)
            out.append((sum(p for p, _ in some) / n, sum(ok for _, ok in some) / n, n))
    return out


def worst(rows: Sequence[Row], predictions: Predictions, count: int = 20) -> list[tuple[str, str]]:
    """(class of error, passage id) of the wrong positions that the reader was surest of."""
    found: list[tuple[float, str, str]] = []
    for row in rows:
        guesses = predictions.get(row["id"], ())
        mine = {id(p): g for g, p in pairs_of(row, guesses)}
        for p in guesses:
            g = mine.get(id(p))
            if g is None:
                kind = "invented, or its action cut otherwise"
            elif g["stance"] != p["stance"]:
                kind = f"{g['stance']} read as {p['stance']}"
            elif not right(g, p, row["text"]):
                kind = "holder missing" if not p["holder"] else "other holders"
            else:
                continue
            found.append((float(p["confidence"]), kind, row["id"]))
    return [(kind, name) for _, kind, name in sorted(found, reverse=True)[:count]]
