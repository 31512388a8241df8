"""The learned readers: attributions and names by one small graph, positions by a second reader."""

from __future__ import annotations

import numpy as np

from caveat.model import Article, Attribution, Marks, Name
from caveat.tag.attribute import Settings, look, read_off
from caveat.tag.pieces import Array, Pieces
from caveat.tag.positions import PositionTagger, framed, whole_names
from caveat.tag.sessions import session
from caveat.tag.weights import Weights, weights


class AttributionTagger:
    """Attributions and names of a text of any length, by the packaged weights."""

    def __init__(self, held: Weights | None = None, threads: int = 1) -> None:
        held = held or weights("attributions")
        self.version = held.version
        self._session = session(held.file("reader.onnx"), threads)
        self._pieces = Pieces(held.file("tokenizer.json"))
        self._settings = Settings.load(held.file("settings.json"))

    def __call__(self, text: str) -> tuple[tuple[Attribution, ...], tuple[Name, ...]]:
        """What the text attributes to whom, and the names in it; offsets are code points."""
        # 1. text → word pieces with offsets and surface codes
        tokens = self._pieces(text)
        if not len(tokens.first):
            return (), ()
        # 2. windows → scores and pointer vectors of every word
        columns = look(tokens, self._run, self._settings)
        # 3. best tags → spans → attributions and names
        return read_off(tokens, columns, self._settings, self._run)

    def _run(self, ids: Array, surface: Array) -> Array:
        feed = {"ids": ids[None].astype(np.int32), "surface": surface[None].astype(np.int32)}
        out: Array = self._session.run(None, feed)[0][0]
        return out


class LearnedReader:
    """Attributions and names by the tagger, positions by the weights of that name, if any."""

    def __init__(self, positions: str | None, threads: int = 1) -> None:
        self._tagger = AttributionTagger(threads=threads)
        self._positions = PositionTagger(weights(positions), threads) if positions else None
        self.version = self._tagger.version
        if self._positions:
            self.version += f" {self._positions.version}"

    def mark(self, article: Article) -> Marks:
        """Mark headline and body of an article; spans are code points of `article.text`."""
        text = _readable(article)
        attributions, names = self._tagger(text)
        found = whole_names(self._positions(text), names) if self._positions else ()
        return Marks(self.version, attributions, names, framed(article, found, attributions))


def _readable(article: Article) -> str:
    """The text with furniture and datelines blanked out, so that offsets hold."""
    text = article.text
    for part in article.parts:
        if part.kind in ("furniture", "dateline"):
            start, end = part.span
            text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    return text
