"""Quality of the reader on the gold, by the data's own scorers, with bootstrap intervals.

Predictions come from `caveat read --jsonl`, the command that users run, on whole articles
(attributions) and on passages read alone (positions).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from bench import actors, amounts, errors, origins
from bench.data import DRAWS, FAST, SEED, Counts, digest, folder, lines, read_through_cli, scorer

ATTRIBUTION_FIGURES = (
    "lenient", "strict", "source exact", "cue exact", "content exact",
    "source char", "cue char", "content char",
)  # fmt: skip
POSITION_FIGURES = (
    "found", "stance", "holder", "speaker", "record", "conditions", "kind", "holders", "amounts",
    "times", "relays", "addressees", "beneficiaries", "not turned",
)  # fmt: skip
PAIR_FIGURES = ("found", "stance", "holder", "not turned")


def attributions(gold: Path) -> list[Counts]:
    """Raw counts of each article of a PolNeAR compartment."""
    score = scorer("attributions")
    articles = list(score.read_gold(str(gold)))
    found, _ = read_through_cli([{"id": n, "text": t} for n, t, _ in articles], FAST)
    whole = {n: [a for a in o["attributions"] if score._whole(a)] for n, o in found.items()}
    out = []
    for article in articles:
        figures = score.score([article], whole)
        counts = {f"{role} {k}": figures[role][k] for role in score.ROLES for k in figures[role]}
        out.append({**counts, "lenient": figures["lenient"], "strict": figures["strict"]})
    return out


def wire(gold: Path) -> list[Counts]:
    """Raw counts on our second dev set: passages of wire and European outlets, by id and offsets.

    The outer attributions are scored as PolNeAR's are; relays and the spans of nested
    attributions by exact spans.
    """
    score = scorer("attributions")
    texts = {p["id"]: p["text"] for p in lines(folder() / "corpus" / "passages.jsonl")}
    marked = lines(gold)
    for m in marked:
        found_hash = hashlib.sha256(texts[m["id"]].encode()).hexdigest()[:16]
        if found_hash != m["sha256"]:
            raise SystemExit(f"passage {m['id']} is not the one that was marked")
    found, _ = read_through_cli([{"id": m["id"], "text": texts[m["id"]]} for m in marked], FAST)
    out = []
    for m in marked:
        guess = found[m["id"]]["attributions"]
        outer = [a for a in m["attributions"] if a["within"] is None]
        gold_article = (m["id"], texts[m["id"]], [_tuples(a) for a in outer])
        figures = score.score([gold_article], {m["id"]: [a for a in guess if score._whole(a)]})
        counts = {f"{role} {k}": figures[role][k] for role in score.ROLES for k in figures[role]}
        counts |= {"lenient": figures["lenient"], "strict": figures["strict"]}
        counts["relays"] = _exact(_relays(m["attributions"]), _relays(guess))
        counts["within"] = _exact(_nested(m["attributions"]), _nested(guess))
        out.append(counts)
    return out


def _tuples(attribution: dict[str, Any]) -> dict[str, list[tuple[int, int]]]:
    return {r: [(s, e) for s, e in attribution[r]] for r in ("source", "cue", "content")}


def _relays(attributions: Sequence[dict[str, Any]]) -> set[tuple[object, ...]]:
    return {tuple(s) for a in attributions for s in a["relay"]}


def _nested(attributions: Sequence[dict[str, Any]]) -> set[tuple[object, ...]]:
    return {
        (role, *span)
        for a in attributions
        if a["within"] is not None
        for role in ("source", "cue", "content")
        for span in a[role]
    }


def _exact(gold: set[tuple[object, ...]], guess: set[tuple[object, ...]]) -> tuple[int, int, int]:
    return len(gold & guess), len(guess), len(gold)


def positions(gold: Path, options: Sequence[str] = ()) -> list[Counts]:
    """Raw counts of each passage of a gold file, read with more options of `caveat read`."""
    score = scorer("positions")
    passages = lines(gold)
    found, _ = read_through_cli(passages, options)
    out = []
    for passage in passages:
        mine = {passage["id"]: found[passage["id"]]["positions"]}
        figures = score.score([passage], mine)
        paired = figures["found"][0]
        share = figures.pop("kind")
        # the scorer gives the share of paired positions; two equal denominators make it one again
        figures["kind"] = (round(share * paired / 100), paired, paired)
        pairs = errors.pairs_of(passage, mine[passage["id"]])
        round_the_wrong_way = sum(errors.turned(g, p) is not None for g, p in pairs)
        figures["not turned"] = (paired - round_the_wrong_way, paired, paired)
        out.append(figures)
    return out


def f1(counts: tuple[int, int, int]) -> float:
    """F1 in percent from hits, predicted and gold."""
    hit, predicted, gold = counts
    return 200 * hit / (predicted + gold) if predicted + gold else 0.0


def figures(per_article: Sequence[Counts], names: Sequence[str]) -> dict[str, tuple[float, ...]]:
    """F1 and its 95 % interval by drawing articles again, and precision and recall."""
    rng = Random(SEED)
    n = len(per_article)
    draws = [[rng.randrange(n) for _ in range(n)] for _ in range(DRAWS)]
    out = {}
    for name in names:
        cells = [c[name] for c in per_article]
        total = _sum(cells)
        drawn = sorted(f1(_sum([cells[i] for i in draw])) for draw in draws)
        low, high = drawn[int(0.025 * DRAWS)], drawn[int(0.975 * DRAWS)]
        precision = 100 * total[0] / total[1] if total[1] else 0.0
        recall = 100 * total[0] / total[2] if total[2] else 0.0
        out[name] = (f1(total), low, high, precision, recall)
    return out


def _sum(cells: Sequence[tuple[int, int, int]]) -> tuple[int, int, int]:
    return sum(c[0] for c in cells), sum(c[1] for c in cells), sum(c[2] for c in cells)


SETS: dict[str, tuple[Callable[[Path], list[Counts]], str, tuple[str, ...]]] = {
    "attributions, polnear/dev": (attributions, "polnear/dev", ATTRIBUTION_FIGURES),
    "attributions, wire dev": (
        wire,
        "attributions-dev.jsonl",
        (*ATTRIBUTION_FIGURES, "relays", "within"),
    ),
    "positions, gold dev": (positions, "gold/positions-dev.jsonl", POSITION_FIGURES),
    "positions, gold dev recent": (positions, "gold/positions-dev-recent.jsonl", POSITION_FIGURES),
    "positions, minimal pairs": (positions, "pairs-open.jsonl", PAIR_FIGURES),
    "positions, minimal pairs unseen": (positions, "pairs-blind.jsonl", PAIR_FIGURES),
    "amounts, package descriptions": (
        amounts.amounts,
        "gold/kiel-dev.jsonl",
        amounts.FIGURES,
    ),
    "actors, gold": (actors.counts, "actors-gold.jsonl", actors.FIGURES),
    "origins, judged pairs": (origins.counts, "origins-gold.jsonl", ("all", "test")),
}


def run(only: str | None = None) -> dict[str, dict[str, tuple[float, ...]]]:
    """Figures of every set whose name contains `only`."""
    return {
        name: figures(measure(_place(path)), names)
        for name, (measure, path, names) in SETS.items()
        if only is None or only in name
    }


def _place(path: str) -> Path:
    """A gold file of the evaluation data, or one of our own beside this module."""
    own = Path(__file__).parent / path
    return own if own.is_file() else folder() / path


def data_digest() -> str:
    """Digest of all gold that the figures rest on."""
    base = folder()
    names = ("positions-dev", "positions-dev-recent", "kiel-dev")
    files = [base / "gold" / f"{name}.jsonl" for name in names]
    files += sorted((base / "polnear" / "dev").glob("*/*"))
    return digest(files)


def below(found: dict[str, dict[str, tuple[float, ...]]], floors: dict[str, Any]) -> list[str]:
    """The floors that figures do not reach, each as a sentence."""
    out = []
    if floors["data"] != data_digest():
        out.append(f"the gold has changed: digest {data_digest()}, floors are for {floors['data']}")
    for name, cells in floors["figures"].items():
        for figure, floor in cells.items():
            if name in found and found[name][figure][0] < floor:
                out.append(f"{name}: {figure} {found[name][figure][0]:.1f} is below {floor}")
    return out
