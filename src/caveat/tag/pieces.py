"""Text → word pieces with offsets and what they look like on the page.

Shapes: T word pieces of one article, W words. A *word* is a pre-token of the BERT tokenizer: a run
of letters and digits or one punctuation mark. Tags change at words only, so that no span cuts
into one. The encoder knows no case; shape, gluing, place and quotation come beside it as one code.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding, Tokenizer

Array = npt.NDArray[Any]

UP, LOW, DIGIT, SPACE, BREAK, CLOSER, STOP = (1 << i for i in range(7))
SHAPES, GLUE, PLACES, QUOTES = 7, 2, 4, 3
SURFACES = SHAPES * GLUE * PLACES * QUOTES
INITIAL, FINAL, SENTENCE = 1, 2, 3


@cache
def character_classes() -> Array:
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

    def __init__(self, text: str, encoding: Encoding, continues: Array, classes: Array) -> None:
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
        self.word_ends = self.ends[last] if len(self.first) else self.ends
        self._look(text, classes)

    def _look(self, text: str, classes: Array) -> None:
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        kinds = classes[np.minimum(codes, 0xFFFF)]
        kinds[codes > 0xFFFF] = 0
        s, e = self.word_starts, self.word_ends

        def counted(bits: int) -> Array:
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
    def _after_stop(kinds: Array, starts: Array, before: Array) -> Array:
        """True where the text before a word ends in . ? or !, closing marks aside."""
        at = np.maximum(before - 1, 0)
        for _ in range(2):
            at = np.where(kinds[at] & CLOSER, np.maximum(at - 1, 0), at) if len(kinds) else at
        return (kinds[at] & STOP) != 0 if len(kinds) else np.zeros(len(starts), bool)


def quote_state(codes: Array, kinds: Array, starts: Array) -> Array:
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

    def inside(opening: Array, closing: Array) -> Array:
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


def continuing(tokenizer: Tokenizer) -> Array:
    """(vocabulary,) bool: the pieces that continue a word."""
    size = tokenizer.get_vocab_size()
    return np.array([(tokenizer.id_to_token(i) or "").startswith("##") for i in range(size)])


class Pieces:
    """A tokenizer from its file: text → `Tokens`, of any length, nothing cut off."""

    def __init__(self, path: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._continues = continuing(self._tokenizer)

    def __call__(self, text: str) -> Tokens:
        """The word pieces of a text."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        return Tokens(text, encoding, self._continues, character_classes())


def layout(tokens: Tokens, core: int, margin: int, window: int) -> list[tuple[int, int, int, int]]:
    """Windows [(begin, first piece decided, one past the last decided, end)] over a text.

    They depend on this text alone: one window where it fits into `window` pieces, else each decides
    whole paragraphs, else sentences, else words, up to `core` pieces, and sees up to `margin`
    pieces more on either side.
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
        # never more than the window, however long a single word is
        end = min(end, begin + window - 2 * margin) if limit == at + 1 else end
        windows.append((max(0, begin - margin), begin, end, min(pieces, end + margin)))
        at = limit
    return windows
