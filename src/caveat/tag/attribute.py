"""Word pieces → attributions and names: the tagging graph and what is read off its scores.

Training shares every definition here (tags, columns, window layout), so that the two cannot drift
apart. Shapes: T word pieces of one article, W words, K tags.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from caveat.model import Attribution, Name, Span
from caveat.tag.pieces import GLUE, PLACES, QUOTES, Array, Tokens, layout

Words = tuple[int, int]
"""Half-open pair of word numbers."""
Run = Callable[[Array, Array], Array]
"""One window through the graph: ids, surface, each (t,) → (t, WIDTH)."""
Found = dict[str, list[Words]]
"""The words of one attribution's roles."""

ROLES = ("source", "cue", "content")
NAMES = ("PERSON", "ORG", "PLACE")
LABELS: dict[str, Literal["person", "organisation", "place"]] = {
    "PERSON": "person",
    "ORG": "organisation",
    "PLACE": "place",
}
# BIOES: S = a span of one word.
TAGS = ("O", *(f"{place}-{role}" for role in ROLES for place in "BIES"))
NAME_TAGS = ("O", *(f"{place}-{kind}" for kind in NAMES for place in "BI"))
RELAY_TAGS = ("O", "B-relay", "I-relay")
POINTER_WIDTH = 64
RELAY_REACH = 20  # words between a relay and the cue that it belongs to

# The output columns of the graph, in this order; the pointer vectors are
# queries and keys of "cue → first word of its source" and "content word → its cue".
COLUMNS: dict[str, slice] = {}
_at = 0
for _name, _width in (
    ("tags", len(TAGS)),
    ("inner", len(TAGS)),
    ("names", len(NAME_TAGS)),
    ("relay", len(RELAY_TAGS)),
    ("cue_query", POINTER_WIDTH),
    ("source_key", POINTER_WIDTH),
    ("content_query", POINTER_WIDTH),
    ("cue_key", POINTER_WIDTH),
):
    COLUMNS[_name] = slice(_at, _at + _width)
    _at += _width
WIDTH = _at


@dataclass(frozen=True)
class Settings:
    """What reading needs beside the graph; written by tune.py, stored with the model.

    moves: (K, K) learned transition scores, FORBIDDEN where BIOES forbids; core, margin:
    word pieces a window decides and the context it sees on either side; the rest were swept
    on the held-out tenth of PolNeAR's training articles (see tune.py for the grids).
    """

    moves: Array
    core: int = 224
    margin: int = 16
    outside: tuple[float, float, float] = (
        0.0,
        0.0,
        0.0,
    )  # added to the scores of source, cue, content tags
    reach: int = 150  # words between a content or source and its cue
    farther: float = 0.8  # taken off a pointer's score times the root of the words between
    null: float = -1.0  # added to the score of pointing to nothing
    inner: float = 0.3  # a content is looked into where "nothing inside" is less likely
    relay: float = 0.4  # share from which a word belongs to a relay
    spare: float = 3.0  # log share that a content may lose so that no cue is left empty

    @classmethod
    def load(cls, path: Path) -> Settings:
        """From the JSON that `save` wrote."""
        values = json.loads(path.read_text(encoding="utf8"))
        values["moves"] = np.array(values["moves"], np.float32)
        values["outside"] = tuple(values["outside"])
        return cls(**values)

    def save(self, path: Path) -> None:
        """As JSON, the moves to four decimals."""
        values = {**self.__dict__, "moves": np.round(self.moves, 4).tolist()}
        path.write_text(json.dumps(values), encoding="utf8")


CLS, SEP = 101, 102
FORBIDDEN = -1e4
SHORTEST = 5  # words; nothing is attributed inside a shorter content
SURE = 12.0  # a word whose O leads by this much in log space cuts the chain


@dataclass
class Columns:
    """The graph's outputs for a whole text: words (W, WIDTH), nulls (W, WIDTH) of [CLS]."""

    words: Array
    nulls: Array


def look(tokens: Tokens, run: Run, settings: Settings) -> Columns:
    """Columns of every word. `run(ids, surface)`, each (t,) → (t, WIDTH), one window.

    Windows go through the graph one by one and unpadded, so that what stands beside a
    window in a batch cannot touch its figures.
    """
    values = np.empty((len(tokens.ids), WIDTH), np.float32)
    nulls = np.empty((len(tokens.ids), WIDTH), np.float32)
    core, margin = settings.core, settings.margin
    for begin, first, last, end in layout(tokens, core, margin, core + 2 * margin):
        ids = np.concatenate(([CLS], tokens.ids[begin:end], [SEP]))
        surface = np.concatenate(([0], tokens.surface[begin:end], [0]))
        out = run(ids, surface)
        values[first:last] = out[first - begin + 1 : last - begin + 1]
        nulls[first:last] = out[0]
    return Columns(values[tokens.first], nulls[tokens.first])


def best_path(scores: Array, moves: Array, initial: Array) -> Array:
    """The best tag sequence (W,) under scores (W, K) and moves (K, K).

    Beginnings of paragraphs (`initial`) and words that are surely O cut the text into
    stretches with O at either end, which are solved side by side.
    """
    tags = np.zeros(len(scores), np.int64)
    open_words = scores[:, 0] - scores[:, 1:].max(1) < SURE
    opens = open_words & (initial | ~np.append(False, open_words[:-1]))
    begins = np.flatnonzero(opens)
    if not len(begins):
        return tags
    closes = open_words & np.append(initial[1:] | ~open_words[1:], True)
    lengths = np.flatnonzero(closes) + 1 - begins
    order = np.argsort(-lengths, kind="stable")
    begins, lengths = begins[order], lengths[order]
    alive = np.searchsorted(-lengths, -np.arange(lengths[0]), "left")
    alpha, back = scores[begins] + moves[0], []
    for step in range(1, lengths[0]):
        live = alive[step]
        arriving = alpha[:live, :, None] + moves
        back.append(arriving.argmax(1))
        alpha[:live] = arriving.max(1) + scores[begins[:live] + step]
    tag = (alpha + moves[:, 0]).argmax(1)
    tags[begins + lengths - 1] = tag
    for step in range(lengths[0] - 1, 0, -1):
        live = alive[step]
        tag[:live] = back[step - 1][np.arange(live), tag[:live]]
        tags[begins[:live] + step - 1] = tag[:live]
    return tags


def spans_of(tags: Array) -> list[tuple[str, int, int]]:
    """[(role, first word, one past last)] of a legal BIOES sequence."""
    found: list[tuple[str, int, int]] = []
    opened = 0
    for w in np.flatnonzero(tags).tolist():
        place, role = TAGS[tags[w]].split("-")
        if place in "BS":
            opened = w
        if place in "ES":
            found.append((role, opened, w + 1))
    return found


def runs_of(scores: Array, names: Sequence[str]) -> list[tuple[str, int, int]]:
    """[(kind, first word, one past last)] by the best BIO tag of each word."""
    best = scores.argmax(1)
    found: list[tuple[str, int, int]] = []
    for w in np.flatnonzero(best).tolist():
        place, kind = names[best[w]].split("-")
        if found and place == "I" and found[-1][0] == kind and found[-1][2] == w:
            found[-1] = (kind, found[-1][1], w + 1)
        else:
            found.append((kind, w, w + 1))
    return found


def tag_scores(columns: Columns, tokens: Tokens, settings: Settings) -> Array:
    """(W, K) with the settings' leanings; no tag goes on across a paragraph's beginning."""
    scores = columns.words[:, COLUMNS["tags"]].copy()
    for i, bias in enumerate(settings.outside):
        scores[:, 1 + 4 * i : 5 + 4 * i] += bias
    continuing_tags = [i for i, tag in enumerate(TAGS) if tag[0] in "IE"]
    scores[np.ix_(tokens.initial, continuing_tags)] += FORBIDDEN
    return scores


def pointing(
    queries: Array,
    keys: Array,
    null_key: Array,
    ones: list[Words],
    others: list[Words],
    settings: Settings,
) -> Array:
    """Log shares (n, m + 1) with which spans `ones` point to `others`; the last column: none.

    queries (W, D) are averaged over each span's words; keys (m, D) stand for the others.
    """
    scores = np.empty((len(ones), len(others) + 1))
    begins, ends = np.array(others).T
    for row, (a, b) in zip(scores, ones, strict=True):
        query = queries[a:b].mean(0) / POINTER_WIDTH**0.5
        apart = np.maximum(np.maximum(a - ends, begins - b), 0)
        near = keys @ query - settings.farther * np.sqrt(apart)
        row[:-1] = np.where(apart <= settings.reach, near, FORBIDDEN)
        row[-1] = query @ null_key[a] + settings.null
    top = scores.max(1, keepdims=True)
    shares: Array = scores - top - np.log(np.exp(scores - top).sum(1, keepdims=True))
    return shares


def cue_of_each(shares: Array, spare: float) -> Array:
    """The cue (or -1) of each content, given log shares (contents, cues + 1).

    Each content first takes the cue it points to most. In PolNeAR nearly every cue has a
    content, so a cue left empty then claims one: the content that loses least by moving and
    that its own cue can spare, or swaps along (a cue that gave its only content claims on).
    """
    chosen = shares.argmax(1)
    none = shares.shape[1] - 1
    held = np.bincount(chosen, minlength=none + 1)
    rows = np.arange(len(shares))
    waiting = [cue for cue in range(none) if not held[cue]]
    for _ in range(4 * len(waiting)):
        if not waiting:
            break
        cue = waiting.pop(0)
        loss = shares[rows, chosen] - shares[:, cue]
        # Taking a cue's only content costs what the robbed cue loses in turn.
        alone = (held[chosen] == 1) & (chosen != none)
        loss = loss + np.where(alone, spare, 0.0)
        loss[chosen == cue] = np.inf
        best = int(loss.argmin())
        if loss[best] > spare:
            continue
        robbed = chosen[best]
        chosen[best] = cue
        held[cue] += 1
        held[robbed] -= 1
        if robbed != none and not held[robbed]:
            waiting.append(robbed)
    return np.where(chosen == none, -1, chosen)


def attributions_of(
    spans: list[tuple[str, int, int]], columns: Columns, settings: Settings
) -> list[Found]:
    """[{role: [(first, last)]}] in words, one for each cue that has a content."""
    by_role = {role: [(a, b) for r, a, b in spans if r == role] for role in ROLES}
    cues, sources, contents = by_role["cue"], by_role["source"], by_role["content"]
    if not cues or not contents:
        return []
    words, nulls = columns.words, columns.nulls
    found: list[Found] = [{"source": [], "cue": [cue], "content": []} for cue in cues]

    def shares(ones: list[Words], others: list[Words], query: str, key: str) -> Array:
        starts = [a for a, _ in others]
        return pointing(
            words[:, COLUMNS[query]],
            words[starts, COLUMNS[key]],
            nulls[:, COLUMNS[key]],
            ones,
            others,
            settings,
        )

    whose = cue_of_each(shares(contents, cues, "content_query", "cue_key"), settings.spare)
    for span, cue in zip(contents, whose, strict=True):
        if cue >= 0:
            found[cue]["content"].append(span)
    if sources:
        best = shares(cues, sources, "cue_query", "source_key").argmax(1)
        for one, source in zip(found, best, strict=True):
            if source < len(sources):
                one["source"].append(sources[source])
    return [one for one in found if one["content"]]


def gap(one: Words, other: Words) -> int:
    """Words between two spans of words."""
    return max(one[0] - other[1], other[0] - one[1], 0)


def log_share(scores: Array, column: int = 0) -> Array:
    """Log of the share that one column has of each row's probability."""
    top = scores.max(1)
    share: Array = scores[:, column] - top - np.log(np.exp(scores - top[:, None]).sum(1))
    return share


def inner_of(
    tokens: Tokens, outer: list[Found], columns: Columns, run: Run, settings: Settings
) -> list[tuple[int, Found]]:
    """Attributions inside a content of `outer`, each with the number of the outer one.

    The content is read again as a text of its own, outside quotation marks; one role per
    word cannot mark both layers. The `inner` head, trained on invented nesting, is too weak
    to mark them but knows where it is worth looking: where it is sure that nothing is
    inside, no second look is taken.
    """
    nothing = log_share(columns.words[:, COLUMNS["inner"]])
    found: list[tuple[int, Found]] = []
    for index, one in enumerate(outer):
        for first, last in one["content"]:
            if last - first < SHORTEST or np.exp(nothing[first:last].min()) > settings.inner:
                continue
            for begin, end in _stretches(tokens, first, last, settings):
                alone = _look_alone(tokens, begin, end, run)
                opening = np.arange(end - begin) == 0
                tags = best_path(alone.words[:, COLUMNS["tags"]], settings.moves, opening)
                found += [
                    (index, {r: [(begin + x, begin + y) for x, y in a[r]] for r in ROLES})
                    for a in attributions_of(spans_of(tags), alone, settings)
                ]
    return found


def _stretches(tokens: Tokens, first: int, last: int, settings: Settings) -> list[Words]:
    """The words [first, last) in stretches that fit into one window."""
    most = settings.core + 2 * settings.margin - 16
    cuts, begin = [first], first
    for w in range(first + 1, last):
        if tokens.first[w] - tokens.first[begin] > most:
            cuts.append(w)
            begin = w
    return list(zip(cuts, [*cuts[1:], last], strict=True))


def _look_alone(tokens: Tokens, first: int, last: int, run: Run) -> Columns:
    """Columns of the words [first, last) read as a text of their own."""
    begin = tokens.first[first]
    end = tokens.first[last] if last < len(tokens.first) else len(tokens.ids)
    ids = np.concatenate(([CLS], tokens.ids[begin:end], [SEP]))
    unquoted = tokens.surface[begin:end] // QUOTES * QUOTES
    out = run(ids, np.concatenate(([0], unquoted, [0])))
    words = out[tokens.first[first:last] - begin + 1]
    return Columns(words, np.repeat(out[:1], len(words), 0))


def relays_of(
    tokens: Tokens, columns: Columns, names: list[tuple[str, int, int]], settings: Settings
) -> list[Words]:
    """Runs of words that are likelier than `relay` part of a relay.

    A run that touches a name takes all of it; a single small word ("the") is none.
    """
    likely = np.exp(log_share(columns.words[:, COLUMNS["relay"]])) < 1 - settings.relay
    for _, a, b in names:
        likely[a:b] |= likely[a:b].any()
    edges = np.flatnonzero(np.diff(np.concatenate(([False], likely, [False])).astype(np.int8)))
    runs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    shapes = tokens.surface[tokens.first] // (GLUE * PLACES * QUOTES)
    return [(a, b) for a, b in runs if b - a > 1 or shapes[a] > 0]


def read_off(
    tokens: Tokens, columns: Columns, settings: Settings, run: Run | None
) -> tuple[tuple[Attribution, ...], tuple[Name, ...]]:
    """The attributions and names that the scores show; outer attributions first.

    Without `run` (as in tuning) no second look is taken: only outer attributions.
    """
    tags = best_path(tag_scores(columns, tokens, settings), settings.moves, tokens.initial)
    outer = attributions_of(spans_of(tags), columns, settings)
    nested = inner_of(tokens, outer, columns, run, settings) if run else []
    names = runs_of(columns.words[:, COLUMNS["names"]], NAME_TAGS)
    relays: list[list[Words]] = [[] for _ in outer]
    for span in relays_of(tokens, columns, names, settings):
        # whoever is the source of one attribution can only relay another
        others = [
            (gap(one["cue"][0], span), i)
            for i, one in enumerate(outer)
            if not any(a < span[1] and span[0] < b for a, b in one["source"])
        ]
        if others and min(others)[0] <= RELAY_REACH:
            relays[min(others)[1]].append(span)

    def spans(pairs: Sequence[Words]) -> tuple[Span, ...]:
        return tuple((int(tokens.word_starts[a]), int(tokens.word_ends[b - 1])) for a, b in pairs)

    def attribution(one: Found, within: int | None, relay: list[Words]) -> Attribution:
        source, cue, content = (spans(one[role]) for role in ROLES)
        return Attribution(source, cue, content, within, spans(relay))

    attributions = [attribution(o, None, relay) for o, relay in zip(outer, relays, strict=True)]
    attributions += [attribution(one, index, []) for index, one in nested]
    return tuple(attributions), tuple(
        Name(spans([(a, b)])[0], LABELS[kind]) for kind, a, b in names
    )
