"""Actions that a text may take a position on: windows, and spans scored as actions.

*Spotting* is the first of the position reader's two views: every span of up to `LONGEST` words
of a window gets a score from its first word, its last word and the words inside, after the
span-based extraction of Lee et al. (2017, end-to-end coreference) and SpERT (Eberts and Ulges
2020). What it proposes gets a second look (`caveat.tag.looks`).

Shapes: T word pieces of a text, t of a window, W words of a text, w of a window.
"""

from __future__ import annotations

import numpy as np

from caveat.tag.pieces import Array, Tokens

SPAN_WIDTH = 64
SPOT: dict[str, int | slice] = {
    "begin": 0,
    "end": 1,
    "inside": 2,
    "begins": slice(3, 3 + SPAN_WIDTH),
    "ends": slice(3 + SPAN_WIDTH, 3 + 2 * SPAN_WIDTH),
}
"""Columns of a word in the spotting head."""
SPOT_WIDTH = 3 + 2 * SPAN_WIDTH
LONGEST = 40
"""Words of an action; three in a thousand of the marked ones are longer."""
WINDOW = 254
"""Word pieces besides the two marks; 99 % of the marked passages fit."""
CORE, MARGIN = 158, 48
"""Of longer texts: pieces that a window decides, and the context it sees on either side."""
AROUND = 64
"""Pieces that a second look sees on either side of the action."""
BUCKETS = (4, 9, 21, 41)
"""Distances in words from the action at which a piece's flag changes."""
FLAGS = 3 + 2 * (len(BUCKETS) + 1)
"""Flags of a look's pieces: 0 [CLS], 1 first word of the action, 2 its other words, then five
distances before it and five after it."""
NEVER = -1e4

Words = tuple[int, int]
"""Half-open pair of word numbers."""


def window_words(tokens: Tokens, begin: int, end: int) -> Words:
    """The words whose first piece lies in the window."""
    a, b = np.searchsorted(tokens.first, (begin, end), "left")
    return int(a), int(b)


def span_scores(spots: Array, width_bias: Array) -> Array:
    """(w, LONGEST) logits of the spans [i, i + k], from (w, SPOT_WIDTH) of a window's words."""
    w = len(spots)
    begins, ends = spots[:, SPOT["begins"]], spots[:, SPOT["ends"]]
    pair = (
        begins @ ends.T / np.sqrt(SPAN_WIDTH)
        + spots[:, SPOT["begin"]][:, None]
        + spots[:, SPOT["end"]][None, :]
    )
    first = np.arange(w)[:, None]
    last = first + np.arange(LONGEST)[None, :]
    end = np.minimum(last, w - 1)
    total = np.concatenate(([0.0], np.cumsum(spots[:, SPOT["inside"]], dtype=np.float64)))
    inside = (total[end + 1] - total[:-1, None]) / (end + 1 - first)
    scores: Array = np.where(last < w, pair[first, end] + inside + width_bias, NEVER)
    return scores


def overlap(a: Words, b: Words) -> float:
    """F1 of two half-open pairs by their units."""
    common = min(a[1], b[1]) - max(a[0], b[0])
    return 2 * common / (a[1] - a[0] + b[1] - b[0]) if common > 0 else 0.0


def propose(
    scores: Array, most: int, floor: float, close: float = 0.65, allowed: Array | None = None
) -> list[tuple[int, int, float]]:
    """[(first, one past last, logit)] of the best spans, none closer than `close` to a better one.

    scores (w, LONGEST); allowed (w,) bool: the words where a span may begin.
    """
    if allowed is not None:
        scores = np.where(allowed[:, None], scores, NEVER)
    flat = scores.ravel()
    kept: list[tuple[int, int, float]] = []
    for k in np.argsort(-flat, kind="stable")[: 40 * most + 40].tolist():
        if flat[k] < floor or len(kept) >= most:
            break
        span = (k // LONGEST, k // LONGEST + k % LONGEST + 1)
        if all(overlap(span, other[:2]) < close for other in kept):
            kept.append((*span, float(flat[k])))
    return kept


def crop(first_pieces: Array, count: int, first: int, last: int) -> tuple[int, int]:
    """(begin, end) pieces of the window that a look at words [first, last) sees.

    first_pieces (w,): each word's first piece in the window; count: its pieces.
    """
    begin = max(0, int(first_pieces[first]) - AROUND)
    stop = int(first_pieces[last]) if last < len(first_pieces) else count
    return begin, min(count, stop + AROUND)


def flags_of(word: Array, first: int, last: int) -> Array:
    """(n,) flags of pieces that belong to the words `word` (n,), without the [CLS]."""
    before = 3 + np.searchsorted(BUCKETS, first - word, "right")
    after = 3 + len(BUCKETS) + 1 + np.searchsorted(BUCKETS, word - last + 1, "right")
    flags = np.where(word < first, before, np.where(word >= last, after, 2))
    out: Array = np.where(word == first, 1, flags)
    return out
