"""The second look: the text around a proposed action, read again with the action flagged.

The upper layers of the encoder run over the states around the action and say whether anybody
takes a position on it, which, and whose: stance, kind and negation of the whole; holder,
speaker, conditions and the rest as tags. Marking a span and reading again is the entity-marker
method of relation extraction (Baldini Soares et al. 2019; Zhong and Chen 2021).

Shapes: W words of a text, w of a look, H the encoder's width, n pieces of a look ([CLS] first).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from caveat.model import (
    KINDS,
    RELATIONS,
    STANCES,
    ConditionMark,
    PositionMark,
    Relation,
    Span,
)
from caveat.tag.actions import (
    CORE,
    MARGIN,
    WINDOW,
    Words,
    crop,
    flags_of,
    overlap,
    propose,
    span_scores,
    window_words,
)
from caveat.tag.markers import checked
from caveat.tag.pieces import Array, Tokens, layout
from caveat.tag.quantities import whole

ROLES = (
    "holder", "speaker", "addressee", "beneficiary", "amount", "time", "relay", "condition",
    "action",
)  # fmt: skip
"""Tags of a look, three columns each (outside, begins, inside); `action` is its refined span."""
LOOK = {role: slice(3 * i, 3 * i + 3) for i, role in enumerate(ROLES)}
LOOK["relation"] = slice(3 * len(ROLES), 3 * len(ROLES) + len(RELATIONS))
LOOK_WIDTH = 3 * len(ROLES) + len(RELATIONS)
NO_POSITION = len(STANCES)
"""The column of `stance` that says that nobody takes a position here."""
WHOLE = {"stance": slice(0, 9), "kind": slice(9, 27), "negated": slice(27, 28)}
WHOLE_WIDTH = 28

Encode = Callable[[Array, Array], tuple[Array, Array]]
"""ids (t,), surface (t,) → states (t, H), spots (t, SPOT_WIDTH)."""
Look = Callable[[Array, Array], tuple[Array, Array]]
"""states (n, H), flags (n,) → tags (n, LOOK_WIDTH), whole (WHOLE_WIDTH,)."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One second look: words [first, last) of the text, spotting logit, and what was seen.

    offset: the text's word of row 0; tags (w, LOOK_WIDTH) logits of the words seen;
    whole (WHOLE_WIDTH,) logits; neighbours: weight and stance shares (8,) of the looks that
    `together` took into account.
    """

    first: int
    last: int
    spot: float
    offset: int
    tags: Array
    whole: Array
    neighbours: tuple[tuple[float, Array], ...] = ()


@dataclass(frozen=True)
class Settings:
    """What reading needs beside the graphs; swept by training's tune.py on held-out passages.

    bound: the least joint score of a printed position; spot_weight: what the spotting logit
    counts in it; outside: added to the "outside" logit of each role; rescue: taken off the holder's
    "outside" where no holder was found; gap: see `runs`; duplicate: from which overlap on two
    actions are one; calibration: intercept and weights of `confidence_features`.
    """

    width_bias: tuple[float, ...]
    per_hundred: float = 8.0
    """Second looks for a hundred words, at most."""
    floor: float = -6.0
    """The least spotting logit that gets a second look."""
    bound: float = 0.0
    spot_weight: float = 0.3
    outside: dict[str, float] = field(default_factory=dict)
    rescue: float = 0.0
    gap: float = 0.0
    duplicate: float = 0.5
    negated: float = 0.5
    calibration: tuple[float, ...] = ()
    cls: int = 101
    sep: int = 102

    @classmethod
    def load(cls, path: Path) -> Settings:
        """From the JSON that `save` wrote; what the file holds beside the settings is left."""
        values: dict[str, Any] = json.loads(path.read_text("utf-8"))
        known = {f.name for f in fields(cls)}
        stated: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in values.items() if k in known
        }
        return cls(**stated)

    def save(self, path: Path, **more: object) -> None:
        """As JSON, with what else is to be recorded beside them."""
        path.write_text(json.dumps({**self.__dict__, **more}, indent=1), "utf-8")


def candidates(tokens: Tokens, encode: Encode, look: Look, settings: Settings) -> list[Candidate]:
    """Every second look that a text gets.

    One window and one look at a time, unpadded: what else is read cannot touch the figures.
    """
    return [
        one
        for window in layout(tokens, CORE, MARGIN, WINDOW)
        for one in _of_window(tokens, window, encode, look, settings)
    ]


def _of_window(
    tokens: Tokens,
    window: tuple[int, int, int, int],
    encode: Encode,
    look: Look,
    settings: Settings,
) -> Iterator[Candidate]:
    begin, first, last, end = window
    a, b = window_words(tokens, begin, end)
    pieces = tokens.first[a:b] - begin
    allowed = (tokens.first[a:b] >= first) & (tokens.first[a:b] < last)
    if not allowed.any():
        return
    ids = np.concatenate(([settings.cls], tokens.ids[begin:end], [settings.sep]))
    surface = np.concatenate(([0], tokens.surface[begin:end], [0]))
    states, spots = encode(ids, surface)
    scores = span_scores(spots[pieces + 1].astype(np.float64), np.array(settings.width_bias))
    most = 2 + int(settings.per_hundred * allowed.sum() / 100)
    for i, k, logit in propose(scores, most, settings.floor, allowed=allowed):
        low, high = crop(pieces, end - begin, i, k)
        word = tokens.word[begin + low : begin + high] - a
        seen = np.concatenate((states[:1], states[low + 1 : high + 1]))
        tags, whole = look(seen, np.append(0, flags_of(word, i, k)))
        w0, w1 = np.searchsorted(pieces, (low, high), "left")
        rows = pieces[w0:w1] - low + 1
        yield Candidate(
            a + i, a + k, logit, int(a + w0), tags[rows].astype(float), whole.astype(float)
        )


def softmax(x: Array) -> Array:
    """Shares along the last axis."""
    e = np.exp(x - x.max(-1, keepdims=True))
    out: Array = e / e.sum(-1, keepdims=True)
    return out


def sigmoid(x: float) -> float:
    """Logistic function."""
    return float(1 / (1 + np.exp(-x)))


Run = tuple[int, int, float]
"""First word, one past the last, least probability."""


def runs(tags: Array, outside: float, gap: float = 0.0) -> list[Run]:
    """The spans that (w, 3) logits of outside, begins, inside tag.

    A run that goes on behind a gap of words each less surely outside than `gap` is one with the
    run before it.
    """
    p = softmax(tags - np.array([outside, 0.0, 0.0]))
    best = p.argmax(1)
    found: list[Run] = []
    for w in np.flatnonzero(best).tolist():
        inside = float(1 - p[w, 0])
        if best[w] == 2 and found and (p[found[-1][1] : w, 0] < gap).all():
            found[-1] = (found[-1][0], w + 1, min(found[-1][2], inside))
        else:
            found.append((w, w + 1, inside))
    return found


def joint(candidate: Candidate, settings: Settings) -> float:
    """The logit by which positions are kept: second look plus spotting."""
    s = candidate.whole[WHOLE["stance"]]
    top = s[:NO_POSITION].max()
    some = top + np.log(np.exp(s[:NO_POSITION] - top).sum()) - s[NO_POSITION]
    return float(some + settings.spot_weight * candidate.spot)


def stance_of(candidate: Candidate) -> tuple[int, float]:
    """(index, probability among the eight)."""
    p = softmax(candidate.whole[WHOLE["stance"]][:NO_POSITION])
    return int(p.argmax()), float(p.max())


def kind_of(candidate: Candidate) -> str:
    """The likeliest kind."""
    return KINDS[int(candidate.whole[WHOLE["kind"]].argmax())]


def action_of(candidate: Candidate, settings: Settings) -> Words:
    """The refined words of the action: the tagged run that best overlaps the flagged one."""
    flagged = (candidate.first - candidate.offset, candidate.last - candidate.offset)
    tagged = [
        r[:2]
        for r in runs(
            candidate.tags[:, LOOK["action"]], settings.outside.get("action", 0.0), settings.gap
        )
        if overlap(r[:2], flagged) >= 0.4
    ]
    best = max(tagged, key=lambda r: overlap(r, flagged), default=flagged)
    return best[0] + candidate.offset, best[1] + candidate.offset


def parts_of(candidate: Candidate, settings: Settings) -> dict[str, list[Run]]:
    """The runs of every role but the action, in words of the text; one speaker at most."""

    def of(role: str, rescue: float = 0.0) -> list[Run]:
        outside = settings.outside.get(role, 0.0) - rescue
        return runs(candidate.tags[:, LOOK[role]], outside, settings.gap)

    out = {role: of(role) for role in ROLES[:-1]}
    out["speaker"] = sorted(out["speaker"], key=lambda r: -r[2])[:1]
    if not out["holder"] and settings.rescue:
        out["holder"] = sorted(of("holder", settings.rescue), key=lambda r: -r[2])[:1]
    at = candidate.offset
    return {role: [(a + at, b + at, p) for a, b, p in found] for role, found in out.items()}


def relations_of(candidate: Candidate, span: Run) -> list[Relation]:
    """All relations by what the condition's words say, likeliest first."""
    rows = candidate.tags[span[0] - candidate.offset : span[1] - candidate.offset]
    scores = rows[:, LOOK["relation"]].mean(0)
    return [RELATIONS[i] for i in np.argsort(-scores, kind="stable")]


def _log_odds(p: float) -> float:
    p = min(max(p, 1e-3), 1 - 1e-3)
    return float(np.log(p / (1 - p)))


def confidence_features(
    candidate: Candidate, settings: Settings, parts: dict[str, list[Run]]
) -> Array:
    """What the confidence is a logistic function of: (8,)."""
    holders = parts["holder"]
    least = min((h[2] for h in holders), default=0.5)
    # the likeliest word outside the holders found: a holder missed makes the record wrong
    p = softmax(candidate.tags[:, LOOK["holder"]])[:, 1].copy()
    for a, b, _ in holders:
        p[a - candidate.offset : b - candidate.offset] = 0.0
    stance, share = stance_of(candidate)
    support = sum(w for w, _ in candidate.neighbours)
    agree = sum(w * float(shares[stance]) for w, shares in candidate.neighbours)
    return np.array(
        [
            joint(candidate, settings),
            _log_odds(share),
            support,
            agree,
            _log_odds(least),
            float(len(holders) == 1),
            candidate.spot,
            _log_odds(float(p.max())),
        ]
    )


def confidence(features: Array, settings: Settings) -> float:
    """How likely stance and all holders are right, calibrated on held-out passages."""
    if not settings.calibration:
        return round(sigmoid(float(features[0])), 4)
    weights = np.array(settings.calibration)
    return round(sigmoid(float(weights[0] + weights[1:] @ features)), 4)


_SAME_ACTION = 0.5
"""From which overlap on two looks are at one action."""


def together(found: list[Candidate], settings: Settings) -> list[Candidate]:
    """The candidates, each with its logits averaged with those of looks at the same action.

    Proposals overlap, and each look sees the words with other flags: their mean errs less than
    one of them (on held-out passages: record +1.4, holder +0.9, kind +1.4). A neighbour weighs by
    its overlap and by how likely it is a position itself. The refined action and the choice
    between a position and none stay each candidate's own.
    """
    sure = [sigmoid(joint(c, settings)) for c in found]
    out = []
    for n, c in enumerate(found):
        near = [
            (share * sure[k], other)
            for k, other in enumerate(found)
            if k != n
            and (share := overlap((c.first, c.last), (other.first, other.last))) >= _SAME_ACTION
        ]
        out.append(_averaged(c, near) if near else c)
    return out


def _averaged(c: Candidate, near: list[tuple[float, Candidate]]) -> Candidate:
    total = 1 + sum(w for w, _ in near)
    whole = (c.whole + sum(w * other.whole for w, other in near)) / total
    whole[NO_POSITION] = c.whole[NO_POSITION]
    tags, weight = c.tags.copy(), np.ones((len(c.tags), 1))
    for w, other in near:
        low = max(c.offset, other.offset)
        high = min(c.offset + len(c.tags), other.offset + len(other.tags))
        if low < high:
            here = slice(low - c.offset, high - c.offset)
            tags[here] += w * other.tags[low - other.offset : high - other.offset]
            weight[here] += w
    tags /= weight
    tags[:, LOOK["action"]] = c.tags[:, LOOK["action"]]
    shares = tuple((w, softmax(other.whole[:NO_POSITION])) for w, other in near)
    return replace(c, whole=whole, tags=tags, neighbours=shares)


def kept(found: list[Candidate], settings: Settings) -> list[tuple[Candidate, Words]]:
    """The candidates that hold, each with its refined action, in the order of the text.

    Of actions that overlap, the better one stays.
    """
    scored = [(joint(c, settings), n) for n, c in enumerate(found)]
    out: list[tuple[Candidate, Words]] = []
    for score, n in sorted(scored, key=lambda s: (-s[0], s[1])):
        if score < settings.bound:
            break
        action = action_of(found[n], settings)
        if all(overlap(action, other) < settings.duplicate for _, other in out):
            out.append((found[n], action))
    return sorted(out, key=lambda k: k[1])


def marks_of(
    text: str, tokens: Tokens, found: list[Candidate], settings: Settings
) -> tuple[PositionMark, ...]:
    """The positions that the candidates make, in the order of the text."""
    return tuple(mark for mark, _ in decided(text, tokens, found, settings))


def decided(
    text: str, tokens: Tokens, found: list[Candidate], settings: Settings
) -> Iterator[tuple[PositionMark, Array]]:
    """Each position with the features of its confidence."""

    def located(words: Run | Words) -> Span:
        span = int(tokens.word_starts[words[0]]), int(tokens.word_ends[words[1] - 1])
        return _trimmed(text, span)

    for c, action in kept(together(found, settings), settings):
        parts = {
            role: [r for r in rows if _says_something(text[slice(*located(r))])]
            for role, rows in parts_of(c, settings).items()
        }
        spans = {role: tuple(located(r) for r in rows) for role, rows in parts.items()}
        amounts = tuple(dict.fromkeys(whole(text, a) for a in spans["amount"]))
        stance = STANCES[stance_of(c)[0]]
        if stance == "refused" and _SILENCE.match(text, *located(action)):
            continue
        if stance == "refused" and _others_presence(text, located(action)):
            stance = "opposes"
        conditions = [
            ConditionMark(*kept_as, kind=_act_within(r, found))
            for span, r in zip(spans["condition"], parts["condition"], strict=True)
            if (kept_as := checked(text, span, stance == "refused", relations_of(c, r)))
        ]
        features = confidence_features(c, settings, parts)
        yield (
            PositionMark(
                action=located(action),
                stance=stance,
                holder=spans["holder"],
                negated=sigmoid(c.whole[WHOLE["negated"]][0]) > settings.negated,
                kind=kind_of(c),
                addressee=spans["addressee"],
                beneficiary=spans["beneficiary"],
                amount=amounts,
                time=spans["time"],
                conditions=_grouped(text, conditions),
                speaker=spans["speaker"][0] if spans["speaker"] else None,
                relay=spans["relay"],
                confidence=confidence(features, settings),
            ),
            features,
        )


_SILENCE = re.compile(r"comment|elaborat|(?:say|tell|disclose|reveal)\b", re.IGNORECASE)
"""Who declines to speak takes no position (the guidelines)."""
_TOLERATE = re.compile(
    r"\b(?:accept|allow|permit|put up with|stand for|tolerate)\W*\Z", re.IGNORECASE
)
_PRESENCE = re.compile(
    r"(?:\w+\W+){0,3}?(?:accession|bases|contingents?|deployments?|enlargement|expansion|forces|"
    r"interference|intervention|involvement|membership|peacekeepers|placement|presence|soldiers|"
    r"stationing|troops)\b",
    re.IGNORECASE,
)


def _others_presence(text: str, action: Span) -> bool:
    """Whether what is refused is to bear others' act: "will not accept any deployment"."""
    start = action[0]
    before = _TOLERATE.search(text, max(0, start - 20), start)
    return before is not None and _PRESENCE.match(text, start, action[1]) is not None


_WORD = re.compile(r"\w+")
_FUNCTION = frozenset("a an and as at be by for from in is of on or s that the to was with".split())


def _says_something(words: str) -> bool:
    """Whether more than marks and function words stand in a span ("the", "of")."""
    return any(w.lower() not in _FUNCTION for w in _WORD.findall(words))


_EDGES = " \t\r\n\u00a0,;:–—"


def _trimmed(text: str, span: Span) -> Span:
    """A span without blanks and separating marks at its ends; as it is if nothing else is there."""
    words = text[slice(*span)]
    start = span[0] + len(words) - len(words.lstrip(_EDGES))
    end = span[1] - (len(words) - len(words.rstrip(_EDGES)))
    return (start, end) if start < end else span


_OR = re.compile(r"\bor\b", re.IGNORECASE)
_NEAR = 4
"""Words between two conditions of one "or", at most."""


def _grouped(text: str, found: list[ConditionMark]) -> tuple[ConditionMark, ...]:
    """The conditions; those that "or" joins share a group."""
    joined = [
        bool(_OR.search(between := text[a.span[1] : b.span[0]])) and len(between.split()) <= _NEAR
        for a, b in pairwise(found)
    ]
    out, group = [], 0
    for n, one in enumerate(found):
        before, after = n > 0 and joined[n - 1], n < len(joined) and joined[n]
        group += after and not before
        out.append(replace(one, group=group - 1 if before or after else None))
    return tuple(out)


def _act_within(condition: Run, found: list[Candidate]) -> str | None:
    """The kind of the likeliest action that was proposed inside a condition."""
    inside = [c for c in found if condition[0] <= c.first and c.last <= condition[1]]
    return kind_of(max(inside, key=lambda c: c.spot)) if inside else None
