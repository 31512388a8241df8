"""Text → attributions and names, with numpy, tokenizers and onnxruntime alone.

The numbered path is `AttributionReader.read`. Everything that training must share with
reading (word pieces, surface codes, window layout, tag names) is defined here and imported
by the other modules of train/, so that the two cannot drift apart.

Shapes in comments: T word pieces of one article, W words, K tags.
A *word* is a pre-token of the BERT tokenizer: a run of letters and digits or one
punctuation mark. Tags change at words only, so that no span cuts into one.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
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

UP, LOW, DIGIT, SPACE, BREAK, CLOSER, STOP = (1 << i for i in range(7))
SHAPES, GLUE, PLACES, QUOTES = 7, 2, 4, 3
SURFACES = SHAPES * GLUE * PLACES * QUOTES
INITIAL, FINAL, SENTENCE = 1, 2, 3


def character_classes():
    """Bit sets for the characters of the basic plane; higher ones count as symbols."""
    table = np.zeros(0x10000, np.uint8)
    for code in range(0x10000):
        c = chr(code)
        if c.isupper() or c.istitle():
            table[code] = UP
        elif c.isalpha():
            table[code] = LOW
        elif c.isdigit():
            table[code] = DIGIT
        elif c.isspace():
            table[code] = SPACE
    for c in "\n\r\v\f\x85\u2028\u2029":
        table[ord(c)] |= BREAK
    for c in "\"'”’»)]":
        table[ord(c)] |= CLOSER
    for c in ".?!…":
        table[ord(c)] |= STOP
    return table


class Tokens:
    """The word pieces of a text with offsets and surface codes.

    ids, starts, ends: (T,) int; word: (T,) index of each piece's word; first: (W,) index
    of each word's first piece; word_starts, word_ends: (W,) code points; surface: (T,);
    place: (W,) INITIAL, FINAL (of a paragraph), SENTENCE (first of a sentence) or 0;
    initial: (W,) bool, the word opens a paragraph (a one-word paragraph is INITIAL).
    """

    def __init__(self, text, encoding, continues, classes):
        self.ids = np.array(encoding.ids, np.int64)
        offsets = np.array(encoding.offsets, np.int64).reshape(-1, 2)
        self.starts, self.ends = offsets[:, 0], offsets[:, 1]
        opens = ~continues[self.ids]
        if len(opens):
            opens[0] = True
        self.first = np.flatnonzero(opens)
        self.word = np.cumsum(opens) - 1
        self.word_starts = self.starts[self.first]
        last = np.append(self.first[1:], len(self.ids)) - 1
        self.word_ends = self.ends[last] if len(last) else last
        self._look(text, classes)

    def _look(self, text, classes):
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        kinds = classes[np.minimum(codes, 0xFFFF)]
        kinds[codes > 0xFFFF] = 0
        s, e = self.word_starts, self.word_ends

        def counted(bits):
            total = np.zeros(len(kinds) + 1, np.int32)
            np.cumsum((kinds & bits) != 0, out=total[1:])
            return total

        ups, letters, digits, breaks = map(counted, (UP, UP | LOW, DIGIT, BREAK))
        up, letter = ups[e] - ups[s], letters[e] - letters[s]
        first_up = (kinds[s] & UP) != 0
        shape = np.full(len(s), 4)
        shape[up == 0] = 0
        shape[first_up & (up == 1) & (letter > 1)] = 1
        shape[(up == letter) & (up > 1)] = 2
        shape[(up == 1) & (letter == 1)] = 3
        shape[(letter == 0)] = 6
        shape[digits[e] > digits[s]] = 5

        before = np.append(0, e[:-1])
        glued = (s == before) & (s > 0)
        self.initial = breaks[s] > breaks[before]
        if len(s):
            self.initial[0] = True
        place = np.zeros(len(s), np.int64)
        place[self._after_stop(kinds, s, before) & (s > before) & (shape != 0)] = SENTENCE
        place[np.append(self.initial[1:], True) if len(s) else []] = FINAL
        place[self.initial] = INITIAL
        self.place = place
        quoted = quote_state(codes, kinds, s)
        surface = ((shape * GLUE + glued) * PLACES + place) * QUOTES + quoted
        self.surface = surface[self.word]

    @staticmethod
    def _after_stop(kinds, starts, before):
        """True where the text before a word ends in . ? or !, closing marks aside."""
        at = np.maximum(before - 1, 0)
        for _ in range(2):
            at = np.where(kinds[at] & CLOSER, np.maximum(at - 1, 0), at) if len(kinds) else at
        return (kinds[at] & STOP) != 0 if len(kinds) else np.zeros(len(starts), bool)


def quote_state(codes, kinds, starts):
    """0 outside quotation marks, 1 inside double ones, 2 inside single ones only: (W,).

    A straight mark opens or closes by its neighbours, not by parity, and every paragraph
    begins outside, so that one lost mark spoils no more than its paragraph.
    """
    if not len(codes):
        return np.zeros(len(starts), np.int64)
    left = np.append(np.uint8(SPACE), kinds[:-1])
    right = np.append(kinds[1:], np.uint8(SPACE))
    wordy = UP | LOW | DIGIT
    breaks = np.flatnonzero(kinds & BREAK)

    def inside(opening, closing):
        at = np.concatenate((opening, closing + 1, breaks))
        value = np.zeros(len(at), np.int8)
        value[: len(opening)] = 1
        order = np.argsort(at, kind="stable")
        at, value = at[order], value[order]
        last = np.searchsorted(at, starts, "right") - 1
        return np.where(last >= 0, value[last], 0) == 1 if len(at) else np.zeros(len(starts), bool)

    straight = codes == 0x22
    loose = (left & (wordy | STOP)) == 0
    opens = (
        straight & loose & ((right & SPACE) == 0) & (((left & SPACE) != 0) | ((right & wordy) != 0))
    )
    double = inside(
        np.flatnonzero(opens | np.isin(codes, (0x201C, 0x201E, 0xAB))),
        np.flatnonzero((straight & ~opens) | np.isin(codes, (0x201D, 0xBB))),
    )
    apostrophe = (codes == 0x27) | (codes == 0x2019)
    opens = (codes == 0x2018) | (
        (codes == 0x27) & ((left & wordy) == 0) & ((left & STOP) == 0) & ((right & SPACE) == 0)
    )
    closes = apostrophe & ~opens & ((left & SPACE) == 0) & ((right & wordy) == 0)
    single = inside(np.flatnonzero(opens), np.flatnonzero(closes))
    return np.where(double, 1, np.where(single, 2, 0))


def continuing(tokenizer):
    """(vocabulary,) bool: the pieces that continue a word."""
    size = tokenizer.get_vocab_size()
    return np.array([(tokenizer.id_to_token(i) or "").startswith("##") for i in range(size)])


@dataclass(frozen=True)
class Settings:
    """What reading needs beside the graph; written by tune.py, stored with the model.

    moves: (K, K) learned transition scores, FORBIDDEN where BIOES forbids; core, margin:
    word pieces a window decides and the context it sees on either side; the rest were swept
    on the held-out tenth of PolNeAR's training articles (see tune.py for the grids).
    """

    moves: np.ndarray
    core: int = 192
    margin: int = 32
    outside: tuple = (0.0, 0.0, 0.0)  # added to the scores of source, cue, content tags
    reach: int = 150  # words between a content or source and its cue
    farther: float = 0.0  # taken off a pointer's score per ten words
    null: float = 0.0  # added to the score of pointing to nothing

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


def points(queries, keys, null_key, starts, at, settings):
    """Which of the spans at words `starts` (keys (n, D)) a span at word `at` points to; or -1."""
    query = queries.mean(0) / POINTER_WIDTH**0.5
    scores = keys @ query
    apart = np.abs(starts - at)
    scores = np.where(apart <= settings.reach, scores - settings.farther * apart / 10, FORBIDDEN)
    best = int(scores.argmax())
    return (
        best
        if scores[best] > query @ null_key + settings.null and scores[best] > FORBIDDEN / 2
        else -1
    )


def attributions_of(spans, columns, settings):
    """[{role: [(first, last)]}] in words, one for each cue that has a content."""
    by_role = {role: [(a, b) for r, a, b in spans if r == role] for role in ROLES}
    cues, sources = by_role["cue"], by_role["source"]
    found = [{"source": [], "cue": [cue], "content": []} for cue in cues]
    if not cues:
        return []
    words, nulls = columns.words, columns.nulls
    cue_starts = np.array([a for a, _ in cues])
    keys = words[cue_starts, COLUMNS["cue_key"]]
    loose = []
    for a, b in by_role["content"]:
        cue = points(
            words[a:b, COLUMNS["content_query"]],
            keys,
            nulls[a, COLUMNS["cue_key"]],
            cue_starts,
            a,
            settings,
        )
        if cue >= 0:
            found[cue]["content"].append((a, b))
        else:
            loose.append((a, b))
    for span in loose:
        # A content without a cue is rare in PolNeAR (35 of 19,868): the nearest cue that
        # lacks a content takes it.
        free = [i for i, f in enumerate(found) if not f["content"]]
        if free:
            near = min(free, key=lambda i: gap(cues[i], span))
            if gap(cues[near], span) <= 12:
                found[near]["content"].append(span)
    if sources:
        starts = np.array([a for a, _ in sources])
        keys = words[starts, COLUMNS["source_key"]]
        for one, (a, b) in zip(found, cues, strict=True):
            source = points(
                words[a:b, COLUMNS["cue_query"]],
                keys,
                nulls[a, COLUMNS["source_key"]],
                starts,
                a,
                settings,
            )
            if source >= 0:
                one["source"].append(sources[source])
    return [one for one in found if one["content"]]


def gap(one, other):
    """Words between two spans of words."""
    return max(one[0] - other[1], other[0] - one[1], 0)


def inner_of(spans, outer):
    """Attributions inside a content of `outer`, by nearness: [(index of the outer one, {...})]."""
    found = []
    for index, one in enumerate(outer):
        for first, last in one["content"]:
            inside = {
                role: [(a, b) for r, a, b in spans if r == role and first <= a and b <= last]
                for role in ROLES
            }
            for cue in inside["cue"]:
                near = {
                    role: min(inside[role], key=lambda s: gap(s, cue), default=None)
                    for role in ("source", "content")
                }
                if near["content"]:
                    found.append(
                        (
                            index,
                            {
                                "source": [near["source"]] if near["source"] else [],
                                "cue": [cue],
                                "content": [near["content"]],
                            },
                        )
                    )
    return found


def findings(tokens, columns, settings):
    """{"attributions": [...], "names": [[start, end, kind], ...]} in the contract's form."""
    tags = best_path(tag_scores(columns, tokens, settings), settings.moves, tokens.initial)
    outer = attributions_of(spans_of(tags), columns, settings)
    legal = np.where(settings.moves > FORBIDDEN / 2, 0, FORBIDDEN).astype(np.float32)
    inside = np.zeros(len(tags), bool)
    for one in outer:
        for a, b in one["content"]:
            inside[a:b] = True
    scores = columns.words[:, COLUMNS["inner"]].copy()
    scores[~inside, 0] -= FORBIDDEN
    nested = inner_of(spans_of(best_path(scores, legal, tokens.initial)), outer)
    relays = runs_of(columns.words[:, COLUMNS["relay"]], RELAY_TAGS)

    def located(pairs):
        return [[int(tokens.word_starts[a]), int(tokens.word_ends[b - 1])] for a, b in pairs]

    out = [{**{r: located(one[r]) for r in ROLES}, "within": None, "relay": []} for one in outer]
    for _, a, b in relays:
        near = min(range(len(outer)), key=lambda i: gap(outer[i]["cue"][0], (a, b)), default=None)
        if near is not None and gap(outer[near]["cue"][0], (a, b)) <= 20:
            out[near]["relay"] += located([(a, b)])
    out += [
        {**{r: located(one[r]) for r in ROLES}, "within": index, "relay": []}
        for index, one in nested
    ]
    names = [
        [*located([(a, b)])[0], kind]
        for kind, a, b in runs_of(columns.words[:, COLUMNS["names"]], NAME_TAGS)
    ]
    return {"attributions": out, "names": names}


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
        tokens = Tokens(
            text,
            self.tokenizer.encode(text, add_special_tokens=False),
            self.continues,
            self.classes,
        )
        if not len(tokens.first):
            return {"attributions": [], "names": []}
        # 2. windows → scores and pointer vectors of every word
        columns = look(tokens, self._run, self.settings)
        # 3. best tags, spans, attributions, names
        return findings(tokens, columns, self.settings)
