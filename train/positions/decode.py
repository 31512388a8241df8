"""Text → positions, with numpy, tokenizers and onnxruntime alone.

The numbered path is `PositionReader.read`. Everything that training must share with
reading (window layout, flags, proposals, column names) is defined here and imported by the
other modules of this package, so that the two cannot drift apart.

Two graphs, one encoder. `encode` reads a window once: its lower layers' states, and from its
upper layers the span scores of actions (*spotting*). `look` runs the upper layers again over
the states around one proposed action, with the action's pieces flagged (*second look*), and
says what its position is.

Shapes in comments: T word pieces of an article, t of a window, W words, H the encoder's
width, n pieces of one look ([CLS] first). Words are those of `decode.Tokens`.
"""

import json
from dataclasses import dataclass, field, fields

import numpy as np

from decode import INITIAL, SENTENCE, Tokens, character_classes, continuing

STANCES = ("done", "pledged", "ready", "considering", "refused", "demands", "opposes", "threatens")
KINDS = (
    "troops",
    "air",
    "naval",
    "weapons",
    "training",
    "intelligence",
    "money",
    "humanitarian",
    "sanctions",
    "talks",
    "membership",
    "guarantee",
    "force",
    "recognition",
    "energy",
    "inquiry",
    "domestic",
    "other",
)
RELATIONS = ("if", "only_if", "unless", "until", "after", "no_longer_if")
# Tags of the second look, three columns each (outside, begins, inside); `action` is its own refined span.
ROLES = (
    "holder",
    "speaker",
    "addressee",
    "beneficiary",
    "amount",
    "time",
    "relay",
    "condition",
    "action",
)
LOOK = {}
_at = 0
for _name in ROLES:
    LOOK[_name] = slice(_at, _at + 3)
    _at += 3
LOOK["relation"] = slice(_at, _at + len(RELATIONS))
LOOK_WIDTH = _at + len(RELATIONS)
WHOLE = {
    "stance": slice(0, 9),
    "kind": slice(9, 27),
    "negated": slice(27, 28),
}  # the ninth stance: no position
WHOLE_WIDTH = 28
SPAN_WIDTH = 64
SPOT = {
    "begin": 0,
    "end": 1,
    "inside": 2,
    "begins": slice(3, 3 + SPAN_WIDTH),
    "ends": slice(3 + SPAN_WIDTH, 3 + 2 * SPAN_WIDTH),
}
SPOT_WIDTH = 3 + 2 * SPAN_WIDTH
LONGEST = 40  # words of an action; three in a thousand of the marked ones are longer
WINDOW = 254  # word pieces besides the two marks; 99 % of the marked passages fit
CORE, MARGIN = 158, 48  # of longer texts: pieces decided and context seen on either side
AROUND = 64  # pieces that a second look sees on either side of the action
# Flags of a look's pieces: 0 [CLS], 1 first word of the action, 2 its other words, then five
# distances in words before and five after it.
BUCKETS = (4, 9, 21, 41)
FLAGS = 3 + 2 * (len(BUCKETS) + 1)


def layout(tokens, core=CORE, margin=MARGIN, window=WINDOW):
    """Windows [(begin, first piece decided, one past the last decided, end)] over a text.

    They depend on this text alone: one window where it fits, else each decides whole
    paragraphs, else sentences, else words, up to `core` pieces.
    """
    count, pieces = len(tokens.first), len(tokens.ids)
    if pieces <= window:
        return [(0, 0, pieces, pieces)] if pieces else []
    piece_at = np.append(tokens.first, pieces)
    paragraphs = np.flatnonzero(tokens.initial)
    sentences = np.flatnonzero((tokens.place == SENTENCE) | (tokens.place == INITIAL))
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
        # Never more than the window, however long a single word is.
        end = min(end, begin + window - 2 * margin) if limit == at + 1 else end
        windows.append((max(0, begin - margin), begin, end, min(pieces, end + margin)))
        at = limit
    return windows


def window_words(tokens, begin, end):
    """(first, one past last) word whose first piece lies in the window."""
    return int(np.searchsorted(tokens.first, begin, "left")), int(
        np.searchsorted(tokens.first, end, "left")
    )


def span_scores(spots, width_bias):
    """(w, LONGEST) logits of the spans [i, i + k], from (w, SPOT_WIDTH) of a window's words."""
    w = len(spots)
    begins, ends = spots[:, SPOT["begins"]], spots[:, SPOT["ends"]]
    pair = (
        begins @ ends.T / np.sqrt(SPAN_WIDTH)
        + spots[:, SPOT["begin"]][:, None]
        + spots[:, SPOT["end"]][None, :]
    )
    last = np.arange(w)[:, None] + np.arange(LONGEST)[None, :]
    end = np.minimum(last, w - 1)
    total = np.concatenate(([0.0], np.cumsum(spots[:, SPOT["inside"]], dtype=np.float64)))
    inside = (total[end + 1] - total[:-1, None]) / (end + 1 - np.arange(w)[:, None])
    scores = pair[np.arange(w)[:, None], end] + inside + width_bias
    return np.where(last < w, scores, -1e4)


def overlap(a, b):
    """F1 of two half-open pairs by their units."""
    common = min(a[1], b[1]) - max(a[0], b[0])
    return 2 * common / (a[1] - a[0] + b[1] - b[0]) if common > 0 else 0.0


def propose(scores, most, floor, close=0.65, allowed=None):
    """[(first, one past last, logit)] of the best spans, none closer than `close` to a better one.

    scores (w, LONGEST); allowed (w,) bool: the words where a span may begin.
    """
    scores = scores if allowed is None else np.where(allowed[:, None], scores, -1e4)
    flat = scores.ravel()
    order = np.argsort(-flat, kind="stable")[: 40 * most + 40]
    kept = []
    for k in order:
        if flat[k] < floor or len(kept) >= most:
            break
        first = int(k) // LONGEST
        span = (first, first + int(k) % LONGEST + 1)
        if all(overlap(span, other) < close for other in kept):
            kept.append((*span, float(flat[k])))
    return kept


def crop(first_pieces, count, first, last):
    """(begin, end) pieces of the window that a look at words [first, last) sees.

    first_pieces (w,): each word's first piece in the window; count: its pieces.
    """
    begin = max(0, int(first_pieces[first]) - AROUND)
    stop = int(first_pieces[last]) if last < len(first_pieces) else count
    return begin, min(count, stop + AROUND)


def flags_of(word, first, last):
    """(n,) flags of pieces that belong to the words `word` (n,), without the [CLS]."""
    before = 3 + np.searchsorted(BUCKETS, first - word, "right")
    after = 3 + len(BUCKETS) + 1 + np.searchsorted(BUCKETS, word - last + 1, "right")
    flags = np.where(word < first, before, np.where(word >= last, after, 2))
    return np.where(word == first, 1, flags)


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@dataclass
class Candidate:
    """One second look: words [first, last) of the article, spotting logit, and what was seen.

    offset: the article's word of row 0; tags (w, LOOK_WIDTH) logits of the words seen;
    whole (WHOLE_WIDTH,) logits.
    """

    first: int
    last: int
    spot: float
    offset: int
    tags: np.ndarray
    whole: np.ndarray


@dataclass(frozen=True)
class Settings:
    """What reading needs beside the graphs; written by tune.py, stored with the model.

    bound: the least joint score of a printed position; spot_weight: what the spotting logit
    counts in it; outside: added to the "outside" logit of each role; all swept on the held-out
    tenth of the training passages. calibration: intercept and weights of `confidence_features`.
    """

    width_bias: tuple
    per_hundred: float = 8.0  # second looks for a hundred words; recall of actions 93 % there
    floor: float = -6.0
    bound: float = 0.0
    spot_weight: float = 0.3
    outside: dict = field(default_factory=dict)
    stance_bias: tuple = (0.0,) * 8  # these three are added to the logits: rare values are under-called
    kind_bias: tuple = (0.0,) * 18
    relation_bias: tuple = (0.0,) * 6
    rescue: float = 0.0  # taken off the holder's "outside" where no holder was found
    duplicate: float = 0.5
    negated: float = 0.5
    calibration: tuple = ()
    cls: int = 101
    sep: int = 102

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf8") as file:
            values = json.load(file)
        known = {f.name for f in fields(cls)}
        return cls(
            **{k: tuple(v) if isinstance(v, list) else v for k, v in values.items() if k in known}
        )

    def save(self, path, **more):
        with open(path, "w", encoding="utf8") as file:
            json.dump({**self.__dict__, **more}, file, indent=1)


def candidates(tokens, encode, look, settings):
    """Every second look that a text gets.

    encode(ids (t,), surface (t,)) → states (t, H), spots (t, SPOT_WIDTH);
    look(states (n, H), flags (n,)) → tags (n, LOOK_WIDTH), whole (WHOLE_WIDTH,).
    One window and one look at a time, unpadded: what else is read cannot touch the figures.
    """
    found = []
    bias = np.array(settings.width_bias)
    for begin, first, last, end in layout(tokens):
        ids = np.concatenate(([settings.cls], tokens.ids[begin:end], [settings.sep]))
        surface = np.concatenate(([0], tokens.surface[begin:end], [0]))
        states, spots = encode(ids, surface)
        a, b = window_words(tokens, begin, end)
        if a == b:
            continue
        pieces = tokens.first[a:b] - begin
        allowed = (tokens.first[a:b] >= first) & (tokens.first[a:b] < last)
        scores = span_scores(spots[pieces + 1].astype(np.float64), bias)
        most = 2 + int(settings.per_hundred * allowed.sum() / 100)
        for i, k, logit in propose(scores, most, settings.floor, allowed=allowed):
            low, high = crop(pieces, end - begin, i, k)
            word = tokens.word[begin + low : begin + high] - a
            seen = np.concatenate((states[:1], states[low + 1 : high + 1]))
            tags, whole = look(seen, np.append(0, flags_of(word, i, k)))
            w0, w1 = np.searchsorted(pieces, low, "left"), np.searchsorted(pieces, high, "left")
            rows = pieces[w0:w1] - low + 1
            found.append(
                Candidate(
                    a + i,
                    a + k,
                    logit,
                    int(a + w0),
                    tags[rows].astype(np.float64),
                    whole.astype(np.float64),
                )
            )
    return found


def runs(tags, outside):
    """[(first, one past last, least probability)] of the spans that (w, 3) logits tag."""
    shifted = tags - np.array([outside, 0.0, 0.0])
    p = softmax(shifted)
    best, found = p.argmax(1), []
    for w in np.flatnonzero(best):
        if best[w] == 2 and found and found[-1][1] == w:
            found[-1] = (found[-1][0], int(w) + 1, min(found[-1][2], 1 - p[w, 0]))
        else:
            found.append((int(w), int(w) + 1, 1 - p[w, 0]))
    return found


def joint(candidate, settings):
    """The logit by which positions are kept: second look plus spotting."""
    s = candidate.whole[WHOLE["stance"]]
    top = s[:8].max()
    some = top + np.log(np.exp(s[:8] - top).sum()) - s[8]
    return float(some + settings.spot_weight * candidate.spot)


def stance_of(candidate, settings):
    """(index, probability among the eight)."""
    p = softmax(candidate.whole[WHOLE["stance"]][:8] + np.array(settings.stance_bias))
    return int(p.argmax()), float(p.max())


def action_of(candidate, settings):
    """The refined words of the action: the tagged run that best overlaps the flagged one."""
    flagged = (candidate.first - candidate.offset, candidate.last - candidate.offset)
    tagged = [
        r
        for r in runs(candidate.tags[:, LOOK["action"]], settings.outside.get("action", 0.0))
        if overlap(r[:2], flagged) >= 0.4
    ]
    best = max(tagged, key=lambda r: overlap(r[:2], flagged), default=flagged)
    return best[0] + candidate.offset, best[1] + candidate.offset


def parts_of(candidate, settings):
    """{role: [(first, last, probability)]} in words of the article; conditions with relation."""
    out = {}
    for role in ROLES[:-1]:
        spans = runs(candidate.tags[:, LOOK[role]], settings.outside.get(role, 0.0))
        if role == "speaker":
            spans = sorted(spans, key=lambda r: -r[2])[:1]
        if role == "holder" and not spans and settings.rescue:
            spans = runs(candidate.tags[:, LOOK[role]], settings.outside.get(role, 0.0) - settings.rescue)
            spans = sorted(spans, key=lambda r: -r[2])[:1]
        out[role] = [(a + candidate.offset, b + candidate.offset, p) for a, b, p in spans]
    relation = candidate.tags[:, LOOK["relation"]] + np.array(settings.relation_bias)
    out["condition"] = [
        (
            a,
            b,
            RELATIONS[int(relation[a - candidate.offset : b - candidate.offset].mean(0).argmax())],
        )
        for a, b, _ in out["condition"]
    ]
    return out


def confidence_features(candidate, settings, holders):
    """What the confidence is a logistic function of: (5,)."""
    _, p = stance_of(candidate, settings)
    least = min((h[2] for h in holders), default=0.5)
    clip = lambda x: np.log(np.clip(x, 1e-3, 1 - 1e-3) / np.clip(1 - x, 1e-3, 1))
    return np.array(
        [joint(candidate, settings), clip(p), clip(least), float(len(holders) == 1), candidate.spot]
    )


def grouped(text, conditions):
    """The conditions [(start, end, relation)] with the number of their group: "or" joins two."""
    out, group = [], -1
    for n, (start, end, relation) in enumerate(conditions):
        between = text[conditions[n - 1][1] : start].lower().split() if n else []
        if not ("or" in between and len(between) <= 4):
            group += 1
        out.append({"span": [start, end], "relation": relation, "group": group})
    return out


def positions_of(text, tokens, found, settings):
    """The positions that the candidates make, in the order of the text, each in the contract's form."""
    kept = []
    for score, n in sorted(((joint(c, settings), -n) for n, c in enumerate(found)), reverse=True):
        c = found[-n]
        action = action_of(c, settings)
        if score < settings.bound:
            break
        if all(overlap(action, other) < settings.duplicate for _, other in kept):
            kept.append((c, action))

    def located(pairs):
        return [[int(tokens.word_starts[p[0]]), int(tokens.word_ends[p[1] - 1])] for p in pairs]

    out = []
    for c, action in sorted(kept, key=lambda k: k[1]):
        parts = parts_of(c, settings)
        stance, _ = stance_of(c, settings)
        one = {
            "holder": located(parts["holder"]),
            "stance": STANCES[stance],
            "kind": KINDS[int((c.whole[WHOLE["kind"]] + np.array(settings.kind_bias)).argmax())],
            "negated": bool(sigmoid(c.whole[WHOLE["negated"]][0]) > settings.negated),
            "action": located([action])[0],
        }
        for role in ("addressee", "beneficiary", "amount", "time", "relay"):
            one[role] = located(parts[role])
        one["conditions"] = grouped(
            text, [(*s, r[2]) for s, r in zip(located(parts["condition"]), parts["condition"])]
        )
        one["speaker"] = located(parts["speaker"])[0] if parts["speaker"] else None
        one["confidence"] = confidence(c, settings, parts["holder"])
        out.append(one)
    return out


def confidence(candidate, settings, holders):
    if not len(settings.calibration):
        return round(float(sigmoid(joint(candidate, settings))), 4)
    weights = np.array(settings.calibration)
    return round(
        float(
            sigmoid(weights[0] + weights[1:] @ confidence_features(candidate, settings, holders))
        ),
        4,
    )


class PositionReader:
    """The two ONNX graphs with their tokenizer and settings."""

    def __init__(self, folder, threads=1):
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        self.sessions = [
            onnxruntime.InferenceSession(
                f"{folder}/{name}.onnx", options, providers=["CPUExecutionProvider"]
            )
            for name in ("encode", "look")
        ]
        self.tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self.continues = continuing(self.tokenizer)
        self.classes = character_classes()
        self.settings = Settings.load(f"{folder}/settings.json")

    def _encode(self, ids, surface):
        states, spots = self.sessions[0].run(
            None, {"ids": ids[None].astype(np.int32), "surface": surface[None].astype(np.int32)}
        )
        return states[0], spots[0]

    def _look(self, states, flags):
        tags, whole = self.sessions[1].run(
            None, {"states": states[None], "flags": flags[None].astype(np.int32)}
        )
        return tags[0], whole[0]

    def read(self, text):
        # 1. text → word pieces with offsets and surface codes
        tokens = Tokens(
            text,
            self.tokenizer.encode(text, add_special_tokens=False),
            self.continues,
            self.classes,
        )
        # 2. windows → proposed actions → a second look at each
        found = candidates(tokens, self._encode, self._look, self.settings)
        # 3. the looks that hold → positions
        return positions_of(text, tokens, found, self.settings)
