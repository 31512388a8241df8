"""Copies of one report: precision and recall on judged pairs, and the cost in an archive.

python -m bench.origins            the figures on both sets of pairs, and the time for the archive
python -m bench.origins --json     the same, for machines
python -m bench.origins --fit      the weights of caveat.register.derive.copies (needs scikit-learn)

`origins-gold.jsonl` holds pairs of articles of the corpus, by the hashes of their URLs, each judged
by reading: `copy` (one report: unchanged, cut, extended or lightly rewritten), `shares` (some
passages or background) or `different`. They were drawn by the hash of their URLs, a fixed number
from each band of likeness (the share of the shorter one's five-word runs that the longer one
holds: 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7 and 0.9 up), and judged before the bound was set.
The weights were fitted to the set `fit` (243 pairs); `test` (120 pairs, from 0.2 up) had no part in
them, only in the bound. `again` is a second annotator's label.

A pair counts as found where it is among the pairs of copies of the whole archive.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import resource
import time
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from bench.data import Counts, folder, interval, lines
from caveat.model import Interval
from caveat.register.derive import copies
from caveat.register.derive.copies import Told, copy_pairs, signature, told

GOLD = Path(__file__).with_name("origins-gold.jsonl")
SIZES = (1000, 3000, None)
Pair = tuple[bool, bool]
"""Found as copies, judged as copies."""


def read() -> dict[str, dict[str, Any]]:
    """The corpus' articles by the hash of their URL, in the file's order."""
    with gzip.open(folder() / "corpus" / "articles.jsonl.gz", "rt", encoding="utf-8") as f:
        rows = [json.loads(line) for line in f]
    return {hashlib.sha256(r["url"].encode()).hexdigest()[:12]: r for r in rows}


def prepared(row: Mapping[str, Any]) -> Told:
    """What an article of the corpus is compared by."""
    try:
        day = date.fromisoformat(row["date"][:10])
        published = Interval(day, day)
    except ValueError:
        published = None
    return told(row["text"], (), row["title"], row["outlet"], published)


def paired(articles: Mapping[str, Told]) -> set[frozenset[str]]:
    """The pairs of articles that carry one report, signatures made anew."""
    signatures = {id_: signature(one) for id_, one in articles.items()}
    days = {id_: one.day for id_, one in articles.items()}
    return {frozenset(p) for p in copy_pairs(days, signatures, articles.__getitem__)}


def shares(pairs: Sequence[Pair]) -> tuple[float, float]:
    """(precision, recall) in percent."""
    hits = sum(found and judged for found, judged in pairs)
    return (
        100 * hits / max(1, sum(found for found, _ in pairs)),
        100 * hits / max(1, sum(judged for _, judged in pairs)),
    )


def figures(pairs_found: set[frozenset[str]]) -> dict[str, Any]:
    """Precision and recall of each set of pairs."""
    out: dict[str, Any] = {}
    gold = lines(GOLD)
    for part in ("fit", "test", "all"):
        pairs = [
            (frozenset(g["pair"]) in pairs_found, g["label"] == "copy")
            for g in gold
            if part in ("all", g["set"])
        ]
        precision, recall = shares(pairs)
        out[part] = {
            "pairs": len(pairs),
            "copies": sum(judged for _, judged in pairs),
            "precision": round(precision, 1),
            "precision interval": interval(pairs, lambda p: shares(p)[0]),
            "recall": round(recall, 1),
            "recall interval": interval(pairs, lambda p: shares(p)[1]),
        }
    twice = [g for g in gold if "again" in g]
    out["agreement"] = {
        "pairs": len(twice),
        "same": sum((g["label"] == "copy") == (g["again"] == "copy") for g in twice),
    }
    return out


def counts(gold_file: Path) -> list[Counts]:
    """Raw counts of each judged pair for the quality gate."""
    found = paired({id_: prepared(r) for id_, r in read().items()})
    out: list[Counts] = []
    for g in lines(gold_file):
        mine, judged = frozenset(g["pair"]) in found, g["label"] == "copy"
        cell = (int(mine and judged), int(mine), int(judged))
        empty = (0, 0, 0)
        out.append({"all": cell, "test": cell if g["set"] == "test" else empty})
    return out


def growth(rows: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Seconds for the first 1,000, 3,000 and all articles; memory in MiB at the end."""
    out = []
    for size in SIZES:
        some = dict(list(rows.items())[:size])
        started = time.perf_counter()
        found = paired({id_: prepared(r) for id_, r in some.items()})
        out.append({
            "articles": len(some),
            "seconds": round(time.perf_counter() - started, 1),
            "pairs": len(found),
        })  # fmt: skip
    out[-1]["peak MiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return out


def fit(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """Weights of the score by logistic regression on the set `fit`; the bound moved to 0."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    names = ("SHARED", "BEGINNING", "OUTLETS", "DAYS", "TITLES")
    chosen = sorted(lines(GOLD), key=lambda g: g["set"] == "test")
    judged = [g["label"] == "copy" for g in chosen if g["set"] == "fit"]
    inputs = []
    kept = {n: getattr(copies, n) for n in (*names, "INTERCEPT")}
    try:
        for g in chosen:
            one, other = (prepared(rows[id_]) for id_ in g["pair"])
            inputs.append([_part(n, names, one, other) for n in names])
    finally:
        for name, value in kept.items():
            setattr(copies, name, value)
    model = LogisticRegression(C=10).fit(inputs[: len(judged)], judged)
    articles = {id_: prepared(r) for id_, r in rows.items()}
    signatures = {id_: signature(one) for id_, one in articles.items()}
    likely = set(copies.candidates({id_: a.day for id_, a in articles.items()}, signatures))
    seen = [tuple(sorted(g["pair"])) in likely for g in chosen]
    scores = np.where(seen, model.decision_function(inputs), -np.inf)
    every = [g["label"] == "copy" for g in chosen]
    bound = next(
        s
        for s in sorted(scores[np.isfinite(scores)])
        if sum(j for x, j in zip(scores, every, strict=True) if x >= s) >= 0.96 * sum(scores >= s)
    )
    weights = dict(zip(names, model.coef_[0].round(2).tolist(), strict=True))
    return {"INTERCEPT": round(float(model.intercept_[0] - bound), 2), **weights}


def _part(name: str, names: Sequence[str], one: Told, other: Told) -> float:
    """One input of the score: its value where all other weights are 0."""
    for each in (*names, "INTERCEPT"):
        setattr(copies, each, float(each == name))
    return copies.score(one, other)


def main() -> int:
    """Print the figures; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.origins",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--fit", action="store_true", help="print the weights fitted anew")
    args = parser.parse_args()
    rows = read()
    if args.fit:
        print(json.dumps(fit(rows), indent=1))
        return 0
    grown = growth(rows)
    found = figures(paired({id_: prepared(r) for id_, r in rows.items()}))
    if args.json:
        print(json.dumps({**found, "growth": grown}, indent=1))
        return 0
    print("       pairs  copies  precision (95 % interval)  recall (95 % interval)")
    for part in ("fit", "test", "all"):
        f = found[part]
        a, b = f["precision interval"], f["recall interval"]
        print(
            f"{part:>5} {f['pairs']:>6} {f['copies']:>7}  {f['precision']:5.1f} ({a[0]} to {a[1]})"
            f"       {f['recall']:5.1f} ({b[0]} to {b[1]})"
        )
    again = found["agreement"]
    print(f"two annotators agree on {again['same']} of {again['pairs']} pairs")
    for g in grown:
        peak = f", peak {g['peak MiB']} MiB with the corpus" if "peak MiB" in g else ""
        print(
            f"{g['articles']:>6} articles compared in {g['seconds']} s, "
            f"{g['pairs']} pairs of copies{peak}"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
