"""Text → attributions and names, with numpy, tokenizers and onnxruntime alone.

The numbered path is `AttributionReader.read`. Everything that training must share with
reading (tag names, window layout; word pieces and surface codes in pieces.py) is defined
once and imported by the other modules of train/, so that the two cannot drift apart.

Shapes in comments: T word pieces of one article, W words, K tags.
A *word* is a pre-token of the BERT tokenizer: a run of letters and digits or one
punctuation mark. Tags change at words only, so that no span cuts into one.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from pieces import (  # noqa: F401  (positions/ takes the surface codes from here)
    GLUE,
    INITIAL,
    PLACES,
    QUOTES,
    SENTENCE,
    SHAPES,
    Tokens,
    character_classes,
    continuing,
)
from tokenizers import Tokenizer

ROLES = ("source", "cue", "content")
NAMES = ("PERSON", "ORG", "PLACE")
# BIOES: S = a span of one word.
TAGS = ("O", *(f"{place}-{role}" for role in ROLES for place in "BIES"))
NAME_TAGS = ("O", *(f"{place}-{kind}" for kind in NAMES for place in "BI"))
RELAY_TAGS = ("O", "B-relay", "I-relay")
POINTER_WIDTH = 64

# The output columns of the graph, in this order; the pointer vectors are
# queries and keys of "cue → first word of its source" and "content word → its cue".
COLUMNS = {}
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

    moves: np.ndarray
    core: int = 224
    margin: int = 16
    outside: tuple = (0.0, 0.0, 0.0)  # added to the scores of source, cue, content tags
    reach: int = 150  # words between a content or source and its cue
    farther: float = 0.8  # taken off a pointer's score times the root of the words between
    null: float = -1.0  # added to the score of pointing to nothing
    inner: float = 0.3  # a content is looked into where "nothing inside" is less likely
    relay: float = 0.4  # share from which a word belongs to a relay
    spare: float = 3.0  # log share that a content may lose so that no cue is left empty

    @classmethod
    def load(cls, path):
        values = json.loads(Path(path).read_text(encoding="utf8"))
        values["moves"] = np.array(values["moves"], np.float32)
        values["outside"] = tuple(values["outside"])
        return cls(**values)

    def save(self, path):
        values = {**self.__dict__, "moves": np.round(self.moves, 4).tolist()}
        Path(path).write_text(json.dumps(values), encoding="utf8")


CLS, SEP = 101, 102
FORBIDDEN = -1e4
SHORTEST = 5  # words; nothing is attributed inside a shorter content
RELAY_REACH = 20  # words between a relay and the cue that it belongs to
SURE = 12.0  # a word whose O leads by this much in log space cuts the chain


def layout(tokens, core, margin):
    """Windows [(begin, first piece decided, one past the last decided, end)] over a text.

    They depend on this text alone: each decides whole paragraphs, else sentences, else
    words, up to `core` pieces, and sees up to `margin` pieces more on either side.
    """
    count, pieces = len(tokens.first), len(tokens.ids)
    piece_at = np.append(tokens.first, pieces)
    paragraphs = np.flatnonzero(tokens.initial)
    sentences = np.flatnonzero(tokens.place == SENTENCE)
    windows, at = [], 0
    while at < count:
        limit = int(np.searchsorted(piece_at, piece_at[at] + core, "right")) - 1
        limit = min(max(limit, at + 1), count)
        if limit < count:
            for breaks in (paragraphs, sentences):
                found = int(np.searchsorted(breaks, limit, "right")) - 1
                if found >= 0 and breaks[found] > at + (limit - at) // 2:
                    limit = int(breaks[found])
                    break
        begin, end = int(piece_at[at]), int(piece_at[limit])
        windows.append((max(0, begin - margin), begin, end, min(pieces, end + margin)))
        at = limit
    return windows


@dataclass
class Columns:
    """The graph's outputs for a whole text: words (W, WIDTH), nulls (W, WIDTH) of [CLS]."""

    words: np.ndarray
    nulls: np.ndarray


def look(tokens, run, settings):
    """Columns of every word. `run(ids, surface)`, each (t,) → (t, WIDTH), one window.

    Windows go through the graph one by one and unpadded, so that what stands beside a
    window in a batch cannot touch its figures.
    """
    values = np.empty((len(tokens.ids), WIDTH), np.float32)
    nulls = np.empty((len(tokens.ids), WIDTH), np.float32)
    for begin, first, last, end in layout(tokens, settings.core, settings.margin):
        ids = np.concatenate(([CLS], tokens.ids[begin:end], [SEP]))
        surface = np.concatenate(([0], tokens.surface[begin:end], [0]))
        out = run(ids, surface)
        values[first:last] = out[first - begin + 1 : last - begin + 1]
        nulls[first:last] = out[0]
    return Columns(values[tokens.first], nulls[tokens.first])


def best_path(scores, moves, initial):
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


def spans_of(tags):
    """[(role, first word, one past last)] of a legal BIOES sequence."""
    found, opened = [], None
    for w in np.flatnonzero(tags):
        place, role = TAGS[tags[w]].split("-")
        if place in "BS":
            opened = w
        if place in "ES":
            found.append((role, int(opened), int(w) + 1))
    return found


def runs_of(scores, names):
    """[(kind, first word, one past last)] by the best BIO tag of each word."""
    best, found = scores.argmax(1), []
    for w in np.flatnonzero(best):
        place, kind = names[best[w]].split("-")
        if found and place == "I" and found[-1][0] == kind and found[-1][2] == w:
            found[-1] = (kind, found[-1][1], int(w) + 1)
        else:
            found.append((kind, int(w), int(w) + 1))
    return found


def tag_scores(columns, tokens, settings):
    scores = columns.words[:, COLUMNS["tags"]].copy()
    for i, bias in enumerate(settings.outside):
        scores[:, 1 + 4 * i : 5 + 4 * i] += bias
    continuing_tags = [i for i, tag in enumerate(TAGS) if tag[0] in "IE"]
    scores[np.ix_(tokens.initial, continuing_tags)] += FORBIDDEN
    return scores


def pointing(queries, keys, null_key, ones, others, settings):
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
    return scores - top - np.log(np.exp(scores - top).sum(1, keepdims=True))


def cue_of_each(shares, spare):
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


def attributions_of(spans, columns, settings):
    """[{role: [(first, last)]}] in words, one for each cue that has a content."""
    by_role = {role: [(a, b) for r, a, b in spans if r == role] for role in ROLES}
    cues, sources, contents = by_role["cue"], by_role["source"], by_role["content"]
    if not cues or not contents:
        return []
    words, nulls = columns.words, columns.nulls
    found = [{"source": [], "cue": [cue], "content": []} for cue in cues]

    def shares(ones, others, query, key):
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


def gap(one, other):
    """Words between two spans of words."""
    return max(one[0] - other[1], other[0] - one[1], 0)


def log_share(scores, column=0):
    """Log share of one column in a soft maximum over each row."""
    top = scores.max(1)
    return scores[:, column] - top - np.log(np.exp(scores - top[:, None]).sum(1))


def inner_of(tokens, outer, columns, run, settings):
    """Attributions inside a content of `outer`: [(index of the outer one, {...} in words)].

    The content is read again as a text of its own, outside quotation marks; one role per
    word cannot mark both layers. The `inner` head, trained on invented nesting, is too weak
    to mark them but knows where it is worth looking: where it is sure that nothing is
    inside, no second look is taken.
    """
    nothing = log_share(columns.words[:, COLUMNS["inner"]])
    found = []
    for index, one in enumerate(outer):
        for first, last in one["content"]:
            if last - first < SHORTEST or np.exp(nothing[first:last].min()) > settings.inner:
                continue
            for begin, end in parts_of(tokens, first, last, settings):
                alone = look_alone(tokens, begin, end, run)
                opening = np.arange(end - begin) == 0
                tags = best_path(alone.words[:, COLUMNS["tags"]], settings.moves, opening)
                for a in attributions_of(spans_of(tags), alone, settings):
                    found.append(
                        (index, {r: [(begin + x, begin + y) for x, y in a[r]] for r in ROLES})
                    )
    return found


def parts_of(tokens, first, last, settings):
    """The words [first, last) in stretches that fit into one window."""
    most = settings.core + 2 * settings.margin
    cuts, begin = [], first
    for w in range(first + 1, last):
        if tokens.first[w] - tokens.first[begin] > most - 16:
            cuts.append(w)
            begin = w
    return list(zip([first, *cuts], [*cuts, last], strict=True))


def look_alone(tokens, first, last, run):
    """Columns of the words [first, last) read as a text of their own."""
    begin = tokens.first[first]
    end = tokens.first[last] if last < len(tokens.first) else len(tokens.ids)
    ids = np.concatenate(([CLS], tokens.ids[begin:end], [SEP]))
    unquoted = tokens.surface[begin:end] // QUOTES * QUOTES
    out = run(ids, np.concatenate(([0], unquoted, [0])))
    words = out[tokens.first[first:last] - begin + 1]
    return Columns(words, np.repeat(out[:1], len(words), 0))


def relays_of(tokens, columns, names, settings):
    """[(first, last)]: runs of words that are likelier than `relay` part of a relay.

    A run that touches a name takes all of it; a single small word ("the") is none.
    """
    likely = np.exp(log_share(columns.words[:, COLUMNS["relay"]])) < 1 - settings.relay
    for _, a, b in names:
        likely[a:b] |= likely[a:b].any()
    edges = np.flatnonzero(np.diff(np.concatenate(([False], likely, [False])).astype(np.int8)))
    runs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    shapes = tokens.surface[tokens.first] // (GLUE * PLACES * QUOTES)
    return [(a, b) for a, b in runs if b - a > 1 or shapes[a] > 0]


def findings(tokens, columns, settings, run=None):
    """{"attributions": [...], "names": [[start, end, kind], ...]} in the contract's form.

    Without `run` (as in tuning) no second look is taken: only outer attributions.
    """
    tags = best_path(tag_scores(columns, tokens, settings), settings.moves, tokens.initial)
    outer = attributions_of(spans_of(tags), columns, settings)
    nested = inner_of(tokens, outer, columns, run, settings) if run else []
    names = runs_of(columns.words[:, COLUMNS["names"]], NAME_TAGS)

    def located(pairs):
        return [[int(tokens.word_starts[a]), int(tokens.word_ends[b - 1])] for a, b in pairs]

    out = [{**{r: located(one[r]) for r in ROLES}, "within": None, "relay": []} for one in outer]
    for span in relays_of(tokens, columns, names, settings):
        # Whoever is the source of one attribution can only relay another.
        others = [
            (gap(one["cue"][0], span), i)
            for i, one in enumerate(outer)
            if not any(a < span[1] and span[0] < b for a, b in one["source"])
        ]
        if others and min(others)[0] <= RELAY_REACH:
            out[min(others)[1]]["relay"] += located([span])
    out += [
        {**{r: located(one[r]) for r in ROLES}, "within": index, "relay": []}
        for index, one in nested
    ]
    return {"attributions": out, "names": [[*located([(a, b)])[0], kind] for kind, a, b in names]}


class AttributionReader:
    """An ONNX reader with its tokenizer and settings."""

    def __init__(self, model, tokenizer, settings, threads=1):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        self.session = onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )
        self.tokenizer = Tokenizer.from_file(str(tokenizer))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self.continues = continuing(self.tokenizer)
        self.classes = character_classes()
        self.settings = settings

    def _run(self, ids, surface):
        feed = {"ids": ids[None].astype(np.int32), "surface": surface[None].astype(np.int32)}
        return self.session.run(None, feed)[0][0]

    def read(self, text):
        # 1. text → word pieces with offsets and surface codes
        encoding = self.tokenizer.encode(text, add_special_tokens=False)
        if not encoding.ids:
            return {"attributions": [], "names": []}
        tokens = Tokens(text, encoding, self.continues, self.classes)
        # 2. windows → scores and pointer vectors of every word
        columns = look(tokens, self._run, self.settings)
        # 3. best tags, spans, attributions, names
        return findings(tokens, columns, self.settings, self._run)
