"""Forms of names that several packages compare by: transliterations and first names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

_FOLDS = (
    (re.compile(r"enka\b"), "enko"),  # Belarusian and Russian forms of one surname
    (re.compile(r"(?:ij|[iy]+)\b"), "y"),  # -iy, -yy, -ij, -ii, -yi, -i, -y
    (re.compile(r"kh"), "h"),
    (re.compile(r"\bye"), "e"),  # Yevgeny, Evgeny
    (re.compile(r"([a-z])\1"), r"\1"),  # Anna, Ana
)


def first_name_rows() -> Iterator[tuple[str, list[str]]]:
    """Gender (m, f) and forms of each group of first names in `data/first-names.tsv`."""
    table = (files("caveat") / "data" / "first-names.tsv").read_text("utf-8")
    for line in table.splitlines():
        if line and not line.startswith("#"):
            gender, forms = line.split("\t")
            yield gender, forms.split()


@cache
def _first_names() -> Mapping[str, str]:
    """For each form of a first name the form that stands for its group."""
    out: dict[str, str] = {}
    for _, given in first_name_rows():
        forms = [transliterated(form.casefold()) for form in given]
        for form in forms:
            out.setdefault(form, forms[0])
    return out


def transliterated(word: str) -> str:
    """A word in lower case, with what transliterations of one name differ in folded away."""
    for pattern, by in _FOLDS:
        word = pattern.sub(by, word)
    return word


def folded(slug: str) -> tuple[str, ...]:
    """The words of a name joined by hyphens, folded: volodymyr-zelenskiy → (uladzimir, zelensky).

    A first name stands as the first form of its group (Uladzimir, Vladimir, Volodymyr), a lone
    word as itself.
    """
    words = [w for each in slug.split("-") if (w := transliterated(each))]
    if len(words) > 1:
        words[0] = _first_names().get(words[0], words[0])
    return tuple(words)
