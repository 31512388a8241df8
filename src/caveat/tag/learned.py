"""The learned reader: attributions and names by one small ONNX graph, positions from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime

from caveat.model import Article, Attribution, Marks, Name
from caveat.tag.attribute import Settings, look, read_off
from caveat.tag.pieces import Array, Pieces
from caveat.tag.rules import positions_by_rules
from caveat.tag.weights import Weights, weights


def session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    """An inference session on the CPU with so many threads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


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
    """Attributions and names by the tagger, positions by rules within them."""

    def __init__(self, threads: int = 1) -> None:
        self._tagger = AttributionTagger(threads=threads)
        self.version = f"{self._tagger.version} rules-2"

    def mark(self, article: Article) -> Marks:
        """Mark headline and body of an article; spans are code points of `article.text`."""
        attributions, names = self._tagger(_readable(article))
        return Marks(self.version, attributions, names, positions_by_rules(article, attributions))


def _readable(article: Article) -> str:
    """The text with furniture and datelines blanked out, so that offsets hold."""
    text = article.text
    for part in article.parts:
        if part.kind in ("furniture", "dateline"):
            start, end = part.span
            text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    return text
