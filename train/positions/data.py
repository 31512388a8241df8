"""Gold passages → windows with word-level labels, and batches of looks.

CAVEAT_DATA names the folder that holds gold/ and corpus/ (default ../shared beside the
repository).
"""

import gzip
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from data import DATA, words_of

from caveat.model import KINDS, RELATIONS, STANCES
from caveat.tag.actions import (
    CORE,
    LONGEST,
    MARGIN,
    WINDOW,
    crop,
    flags_of,
    overlap,
    propose,
    window_words,
)
from caveat.tag.looks import NO_POSITION, ROLES
from caveat.tag.pieces import layout

IGNORE = -100


def special(size):
    """The ids of the marks at a window's ends."""
    return (0, 2) if size == "mpnet" else (101, 102)


@dataclass
class Mark:
    """A gold position in words of its window: spans are half-open pairs."""

    action: tuple
    stance: int
    kind: int
    negated: bool
    spans: dict  # role → [(first, last)]
    relations: list  # per condition


@dataclass
class Window:
    name: str
    ids: np.ndarray  # (t,) with both marks
    surface: np.ndarray
    pieces: np.ndarray  # (w,) each word's first piece, the mark not counted
    word: np.ndarray  # (t - 2,) each piece's word in the window
    allowed: np.ndarray  # (w,) bool: actions may begin here
    initial: np.ndarray
    marks: list
    targets: np.ndarray | None = None  # see span_targets
    states: object = None  # the frozen layers' output, kept by fit.py


def read_gold(name):
    """Rows of gold/NAME.jsonl."""
    with (DATA / "gold" / f"{name}.jsonl").open(encoding="utf8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


MARKS = tuple(Path(__file__).with_name(f"{n}.jsonl") for n in ("marks", "own"))
"""More passages, marked for this project: of the corpus by id and offsets, and texts of our own."""


def read_marks():
    """Rows like the gold's: lines of {"id", "positions"} take text and title from the corpus.

    Of its passages by their id; of its articles by the hash of the URL ("article") and the stretch
    of the text ("at").
    """
    with (DATA / "corpus" / "passages.jsonl").open(encoding="utf8") as lines:
        passages = {r["id"]: r for r in map(json.loads, lines)}
    found = []
    for path in MARKS:
        if path.exists():
            with path.open(encoding="utf8") as lines:
                found += [json.loads(line) for line in lines if line.strip()]
    wanted = {m["article"] for m in found if "article" in m}
    articles = {}
    with gzip.open(DATA / "corpus" / "articles.jsonl.gz", "rt", encoding="utf8") as lines:
        for row in map(json.loads, lines):
            key = hashlib.sha256(row["url"].encode()).hexdigest()[:12]
            if key in wanted:
                articles[key] = row
    for m in found:
        if "article" in m:
            article = articles[m["article"]]
            passages[m["id"]] = {**article, "text": article["text"][slice(*m["at"])]}
    return [{**passages.get(m["id"], {}), **m} for m in found]


def training():
    """(kept, held out) of all passages to learn from."""
    return hold_out(read_gold("positions-train") + read_marks())


def hold_out(rows, tenth=10):
    """(kept, held out): about one passage in ten, by hash of its title: articles stay whole."""
    kept, out = [], []
    for r in rows:
        digest = hashlib.sha256(r["title"].encode()).digest()
        (out if digest[0] % tenth == 3 else kept).append(r)
    return kept, out


def spans_of(value):
    if not value:
        return []
    return [value] if not isinstance(value[0], (list, tuple)) else value


def windows(row, lexer, marks):
    """The windows of one passage; marks: (cls, sep)."""
    tokens = lexer(row["text"])
    out = []
    for begin, first, last, end in layout(tokens, CORE, MARGIN, WINDOW):
        a, b = window_words(tokens, begin, end)
        if b > a:
            out.append(
                Window(
                    row["id"],
                    np.concatenate(([marks[0]], tokens.ids[begin:end], [marks[1]])),
                    np.concatenate(([0], tokens.surface[begin:end], [0])),
                    tokens.first[a:b] - begin,
                    tokens.word[begin:end] - a,
                    (tokens.first[a:b] >= first) & (tokens.first[a:b] < last),
                    tokens.initial[a:b],
                    [m for p in row["positions"] if (m := mark(p, tokens, a, b))],
                )
            )
    for window in out:
        window.targets = span_targets(window)
    return out


def mark(p, tokens, a, b):
    """A gold position as a Mark of the words [a, b), or None where its action lies outside."""

    def cut(span):
        first, last = words_of(tokens, *span)
        first, last = max(first, a) - a, min(last, b) - a
        return (first, last) if last > first else None

    action = cut(p["action"])
    if action is None:
        return None
    spans = {role: [c for s in spans_of(p.get(role)) if (c := cut(s))] for role in ROLES[:-2]}
    conditions = [
        (c, RELATIONS.index(x["relation"])) for x in p["conditions"] if (c := cut(x["span"]))
    ]
    spans["condition"] = [c for c, _ in conditions]
    spans["action"] = [action]
    return Mark(
        action,
        STANCES.index(p["stance"]),
        KINDS.index(p["kind"]),
        bool(p["negated"]),
        spans,
        [r for _, r in conditions],
    )


def span_targets(window):
    """(w, LONGEST): how good a proposal each span is, by its word F1 with the nearest action."""
    w = len(window.pieces)
    out = np.zeros((w, LONGEST), np.float32)
    for m in window.marks:
        a, b = m.action
        size = b - a
        for i in range(max(0, a - size), b):
            for k in range(min(LONGEST, w - i, 2 * size + 2)):
                f = overlap((i, i + k + 1), m.action)
                if f >= 0.7:
                    out[i, k] = max(out[i, k], f**10)
        if size <= LONGEST:
            out[a, size - 1] = 1.0
    return out


def jittered(action, w, rng):
    """The action with its ends moved by some words, still of F1 0.6 or more with it."""
    for _ in range(8):
        a = min(max(action[0] + rng.choice((-3, -2, -1, -1, 0, 0, 1, 1, 2)), 0), w - 1)
        b = min(max(action[1] + rng.choice((-3, -2, -1, -1, 0, 0, 1, 1, 2, 3)), a + 1), w)
        if overlap((a, b), action) >= 0.6:
            return a, b
    return action


def asked(window, scores, rng, negatives):
    """[(first, last, Mark or None)]: the looks of a training step at one window.

    Each gold action once (exact, jittered or as the spotting head proposes it), and the best
    false proposals of the head as it is now: `negatives` of them, one more with chance.
    """
    out, w = [], len(window.pieces)
    found = propose(scores, 2 * len(window.marks) + 6, -1e3) if scores is not None else []
    near = {}
    false = []
    for a, b, _ in found:
        best = max(window.marks, key=lambda m: overlap((a, b), m.action), default=None)
        f = overlap((a, b), best.action) if best else 0.0
        if f >= 0.55:
            near.setdefault(id(best), []).append((a, b))
        elif f < 0.45:
            false.append((a, b))
    for m in window.marks:
        if m.action[1] - m.action[0] > 2 * LONGEST:
            continue
        own = near.get(id(m), [])
        chance = rng.random()
        if own and chance < 0.5:
            span = own[0]
        elif chance < 0.75:
            span = m.action
        else:
            span = jittered(m.action, w, rng)
        out.append((*span, m))
    count = int(negatives) + (rng.random() < negatives - int(negatives))
    # Mostly the best ones; each epoch others.
    chosen = []
    while false and len(chosen) < count:
        weights = [1 / (2 + n) for n in range(min(len(false), 8))]
        chosen.append(false.pop(rng.choices(range(len(weights)), weights)[0]))
    return out + [(a, b, None) for a, b in chosen]


def look_batch(windows_asked):
    """Arrays of all looks of a batch: windows_asked [(row, Window, [(first, last, Mark or None)])].

    index (N, n): rows of the flattened (P * t) states, filled in by `t`; see `gather_index`.
    """
    rows, items = [], []
    for row, window, spans in windows_asked:
        for first, last, m in spans:
            low, high = crop(window.pieces, len(window.word), first, last)
            w0, w1 = (
                np.searchsorted(window.pieces, low, "left"),
                np.searchsorted(window.pieces, high, "left"),
            )
            rows.append(
                (
                    row,
                    low,
                    high,
                    np.append(0, flags_of(window.word[low:high], first, last)),
                    window.pieces[w0:w1] - low + 1,
                )
            )
            items.append(labels(m, int(w0), int(w1)))
    n, w = even(max(r[2] - r[1] + 1 for r in rows)), even(max(len(r[4]) for r in rows))
    count = len(rows)
    out = {
        "row": torch.tensor([r[0] for r in rows]),
        "flags": torch.zeros(count, n, dtype=torch.long),
        "piece": torch.zeros(count, n, dtype=torch.long),
        "first": torch.zeros(count, w, dtype=torch.long),
        "tags": torch.full((count, len(ROLES), w), IGNORE),
        "relation": torch.full((count, w), IGNORE),
        "lengths": torch.tensor([r[2] - r[1] + 1 for r in rows]),
    }
    for i, ((_, low, high, flags, first), item) in enumerate(zip(rows, items, strict=False)):
        out["flags"][i, : len(flags)] = torch.from_numpy(flags)
        out["piece"][i, 1 : high - low + 1] = torch.arange(low + 1, high + 1)
        out["first"][i, : len(first)] = torch.from_numpy(first)
        out["tags"][i, :, : len(first)] = torch.from_numpy(item["tags"])
        out["relation"][i, : len(first)] = torch.from_numpy(item["relation"])
    out["stance"] = torch.tensor([x["stance"] for x in items])
    out["kind"] = torch.tensor([x["kind"] for x in items])
    out["negated"] = torch.tensor([x["negated"] for x in items])
    return out


def labels(m, w0, w1):
    """Label arrays of one look over the words [w0, w1) of its window."""
    tags = np.full((len(ROLES), w1 - w0), IGNORE)
    relation = np.full(w1 - w0, IGNORE)
    if m is None:
        return {
            "tags": tags,
            "relation": relation,
            "stance": NO_POSITION,
            "kind": IGNORE,
            "negated": 0.0,
        }
    tags[:] = 0
    for number, role in enumerate(ROLES):
        for n, (first, last) in enumerate(m.spans[role]):
            a, b = max(first, w0) - w0, min(last, w1) - w0
            if b <= a:
                continue
            tags[number, a:b] = 2
            tags[number, a] = 1
            if role == "condition":
                relation[a:b] = m.relations[n]
    return {
        "tags": tags,
        "relation": relation,
        "stance": m.stance,
        "kind": m.kind,
        "negated": float(m.negated),
    }


def even(n, by=16):
    """The next multiple: few shapes, or the matrix library generates code at every step."""
    return -(-n // by) * by


def window_batch(many):
    """Padded arrays of windows: ids, surface (P, t), first (P, w), lengths, words (P,)."""
    t, w = even(max(len(x.ids) for x in many)), even(max(len(x.pieces) for x in many))
    out = {
        key: torch.zeros(len(many), size, dtype=torch.long)
        for key, size in (("ids", t), ("surface", t), ("first", w))
    }
    for i, x in enumerate(many):
        out["ids"][i, : len(x.ids)] = torch.from_numpy(x.ids)
        out["surface"][i, : len(x.ids)] = torch.from_numpy(x.surface)
        out["first"][i, : len(x.pieces)] = torch.from_numpy(x.pieces + 1)
    out["lengths"] = torch.tensor([len(x.ids) for x in many])
    out["words"] = torch.tensor([len(x.pieces) for x in many])
    targets = torch.zeros(len(many), w, LONGEST)
    for i, x in enumerate(many):
        targets[i, : len(x.pieces)] = torch.from_numpy(x.targets)
    out["targets"] = targets
    end = torch.arange(w)[:, None] + torch.arange(LONGEST)[None, :]
    out["alive"] = (end[None] < out["words"][:, None, None]).float()
    return out
