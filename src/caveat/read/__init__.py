"""Bytes → `Article`: plain text with optional front matter, HTML, JSON lines.

`read_article` reads one text or file and raises what is wrong with it; `read_articles` reads any
number of files and folders and names what it leaves out; `count_bytes` says how much that will be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from caveat.errors import BadDate, UnreadableFile
from caveat.model import Article, Skipped
from caveat.read.article import build_article
from caveat.read.dates import parse_date
from caveat.read.raw import LeftOut, Raw, ReadOptions
from caveat.read.sources import Progress, expand, raw_texts

__all__ = ["ReadOptions", "count_bytes", "parse_date", "read_article", "read_articles"]

_FILE_ENDINGS = (".txt", ".html", ".htm", ".jsonl", ".txt.gz", ".html.gz", ".jsonl.gz")


def read_article(
    source: str | Path,
    *,
    title: str | None = None,
    date: str | None = None,
    outlet: str | None = None,
    url: str | None = None,
) -> Article:
    """Read one article: a file (a path, or a string that names one), or the text itself.

    A string is taken as the text, every character of it, unless a file has that name; one short
    line that ends like a file's name is taken for a file that is missing. What is given by
    keyword wins over what the file says.

    Raises `UnreadableFile` for what cannot be read, is in another language than English or holds
    several articles, and `BadDate` for a `date` that no calendar has.
    """
    options = _checked(ReadOptions(date=date, outlet=outlet))
    given = {key: value for key, value in (("title", title), ("url", url)) if value}
    raw = _only_text(source, options)
    try:
        return build_article(replace(raw, fields={**raw.fields, **given}), options)
    except LeftOut as e:
        raise UnreadableFile(f"{raw.name or 'the text'}: {_in_words(e.reason, e.detail)}") from e


def read_articles(
    sources: Iterable[str | Path],
    options: ReadOptions | None = None,
    *,
    progress: Progress | None = None,
) -> Iterator[Article | Skipped]:
    """Read files, folders and standard input ("-"), one article at a time, in order.

    What cannot be read comes out as `Skipped` with its name and reason, and the rest goes on.
    Folders: see `caveat.read.sources`. `progress` is told the bytes on disk read since it was
    last told; `count_bytes` gives their total.

    Raises `BadDate` at once for an `options.date` that cannot be read.
    """
    options = _checked(options or ReadOptions())
    return _read_all([sources] if isinstance(sources, str | Path) else sources, options, progress)


def count_bytes(sources: Iterable[str | Path]) -> int | None:
    """Size on disk of all that `read_articles` would read; None with standard input among it."""
    total = 0
    for item in expand([sources] if isinstance(sources, str | Path) else sources):
        if isinstance(item, Skipped):
            continue
        if str(item) == "-":
            return None
        try:
            total += item.stat().st_size
        except OSError:  # `read_articles` will name it
            continue
    return total


def _read_all(
    sources: Iterable[str | Path], options: ReadOptions, progress: Progress | None
) -> Iterator[Article | Skipped]:
    for path in expand(sources):
        if isinstance(path, Skipped):
            yield path
            continue
        for raw in raw_texts(path, options, progress):
            yield raw if isinstance(raw, Skipped) else _built(raw, options)


def _built(raw: Raw, options: ReadOptions) -> Article | Skipped:
    try:
        return build_article(raw, options)
    except LeftOut as e:
        return Skipped(raw.name, e.reason, e.detail, e.id)


def _checked(options: ReadOptions) -> ReadOptions:
    if options.date is not None and parse_date(options.date) is None:
        raise BadDate(f"not a date: {options.date!r}")
    return options


def _only_text(source: str | Path, options: ReadOptions) -> Raw:
    if isinstance(source, str) and not _names_file(source):
        return Raw(source, "")
    found: Raw | None = None
    for path in expand([source]):
        for item in [path] if isinstance(path, Skipped) else raw_texts(path, options):
            if isinstance(item, Skipped):
                raise UnreadableFile(f"{item.name}: {_in_words(item.reason, item.detail)}")
            if found is not None:
                raise UnreadableFile(f"{source}: several articles; read_articles reads them")
            found = item
    if found is None:
        raise UnreadableFile(f"{source}: no article in it")
    return found


def _names_file(source: str) -> bool:
    """Whether a string is the name of a file, there or missing, rather than a text."""
    line = source.strip()
    if not line or "\n" in line or len(line) > 500:
        return False
    try:
        if Path(source).exists():
            return True
    except (OSError, ValueError):
        return False
    return len(line) <= 200 and line.casefold().endswith(_FILE_ENDINGS)


def _in_words(reason: str, detail: str) -> str:
    return f"in {detail}, which is not read" if reason == "language" else f"{reason} ({detail})"
