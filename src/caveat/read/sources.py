"""Files, folders and standard input → raw texts, one at a time, whatever is wrong with some.

In a folder (read recursively in sorted order, links to folders not followed) these are read:
.txt, .text, .html, .htm, .xhtml, .jsonl, .ndjson, each also with .gz. Hidden files and what
commonly lies beside articles (read-me files, .md, .tsv, .csv, .json, .py … see `_BESIDE`) are
passed over without a word; any other file is named as skipped. A file that is named itself is
read whatever its extension, by its content where the extension says nothing.
"""

from __future__ import annotations

import gzip
import io
import os
import re
import stat
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from caveat.model import Skipped
from caveat.read.decode import decode
from caveat.read.frontmatter import split_front_matter
from caveat.read.jsonlines import looks_like_json, parse_line
from caveat.read.raw import Format, LeftOut, Raw, ReadOptions

STANDARD_INPUT = "standard input"

_FORMATS: dict[str, Format] = {
    ".txt": "text",
    ".text": "text",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
_BESIDE = frozenset(
    ".md .rst .tsv .csv .json .toml .yaml .yml .ini .cfg .xml .py .sh .sql .db .sqlite .log .ann "
    ".lock .bak .css .js".split()
)
_BESIDE_NAMES = frozenset("readme license licence copying authors changelog makefile".split())
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html[\s>])", re.I | re.S
)
_READ_FAILURES = (OSError, EOFError, zlib.error)
_CHUNK = 1 << 20

Progress = Callable[[int], None]
"""Is told how many bytes (on disk, as compressed) have been read since it was last told."""


def expand(sources: Iterable[str | Path]) -> Iterator[Path | Skipped]:
    """Each file that the sources name, folders opened; "-" is `Path("-")`, standard input."""
    for source in sources:
        try:
            if str(source) == "":  # an unset shell variable, which would else mean this folder
                raise ValueError("no name")
            if "\0" in str(source):
                raise ValueError("a zero byte in the name")
            path = Path(source)
            is_folder = path.is_dir()
        except (OSError, ValueError) as e:
            yield Skipped(_shown(source), "unreadable", _why(e))
            continue
        if is_folder:
            yield from _inside(path)
        else:
            yield path


def _inside(folder: Path) -> Iterator[Path | Skipped]:
    problems: list[OSError] = []
    for parent, folders, files in os.walk(folder, onerror=problems.append):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in sorted(f for f in files if not f.startswith(".")):
            path = Path(parent, name)
            if problem := _not_read(path):
                yield Skipped(str(path), "unreadable", problem)
            elif _format_of(path) is not None:
                yield path
        yield from (Skipped(str(p.filename), "unreadable", _why(p)) for p in problems)
        problems.clear()
    yield from (Skipped(str(p.filename), "unreadable", _why(p)) for p in problems)


def _format_of(path: Path) -> Format | None:
    inner = path.with_suffix("") if path.suffix.casefold() == ".gz" else path
    return _FORMATS.get(inner.suffix.casefold())


def _not_read(path: Path) -> str | None:
    """Why a file in a folder is named as skipped, None if it is read or passed over."""
    if _format_of(path) is None:
        beside = _lies_beside(path)
        return None if beside else "unknown extension; named itself, it is read by its content"
    # A pipe or device would wait for ever; a link into nowhere is left for `open` to name.
    return "not a regular file" if path.exists() and not path.is_file() else None


def _lies_beside(path: Path) -> bool:
    suffix, stem = path.suffix.casefold(), path.stem.casefold()
    return suffix in _BESIDE or (suffix == "" and stem in _BESIDE_NAMES)


def raw_texts(
    path: Path, options: ReadOptions, progress: Progress | None = None
) -> Iterator[Raw | Skipped]:
    """The texts of one file (or standard input), each with its fields; what fails is named.

    Sizes are checked before anything is read; a text file is read in one piece, JSON lines line
    by line, so that a file of any size takes the memory of its longest line.
    """
    name = STANDARD_INPUT if str(path) == "-" else str(path)
    format = options.format if options.format != "auto" else _format_of(path)
    try:
        with _Source(path, progress) as source:
            if format in (None, "text", "html"):
                _refuse_large(source, format, options.max_bytes)
            head = source.head(options.max_bytes + 1)
            if format is None:
                format = _sniffed(head, path)
            if format == "jsonl":
                yield from _lines(source.lines(head, options.max_bytes), name, options)
                return
            data = head + source.read(options.max_bytes + 1 - len(head))
        yield _whole(data, name, format, options.max_bytes)
    except LeftOut as e:
        yield Skipped(name, e.reason, e.detail)
    except _READ_FAILURES as e:
        yield Skipped(name, "unreadable", _why(e))


def _refuse_large(source: _Source, format: Format | None, limit: int) -> None:
    """Refuse by the size on disk; only a file that may hold JSON lines is let through."""
    if source.size > limit and not (format is None and looks_like_json(source.peek())):
        raise LeftOut("too-large", _over(limit))


def _over(limit: int) -> str:
    return f"more than {limit:,} bytes"


def _sniffed(head: bytes, path: Path) -> Format:
    if looks_like_json(head):
        return "jsonl"
    if path.suffix.casefold() == ".json":
        raise LeftOut("bad-json", "not JSON lines: one object a line")
    return "html" if _HTML.match(head[:4096].removeprefix(b"\xef\xbb\xbf")) else "text"


def _whole(data: bytes, name: str, format: Format, limit: int) -> Raw:
    if len(data) > limit:
        raise LeftOut("too-large", _over(limit))
    if not data.strip():
        raise LeftOut("empty", "no bytes" if not data else "nothing but blanks")
    if format == "html":
        from caveat.read.page import main_text

        return main_text(decode(data, html=True), name)
    return split_front_matter(decode(data), name)


def _lines(lines: Iterable[bytes], name: str, options: ReadOptions) -> Iterator[Raw | Skipped]:
    for number, line in enumerate(lines, start=1):
        where = f"{name}:{number}"
        if not line.strip():
            continue
        try:
            if len(line) > options.max_bytes:
                raise LeftOut("too-large", _over(options.max_bytes))
            yield parse_line(line, where)
        except LeftOut as e:
            yield Skipped(where, e.reason, e.detail, e.id)


class _Source:
    """An open file, compressed or not, that reports its progress in bytes on disk."""

    def __init__(self, path: Path, progress: Progress | None) -> None:
        self._progress = progress
        self._told = 0
        self._owned = str(path) != "-"
        self._disk: BinaryIO = path.open("rb") if self._owned else sys.stdin.buffer
        status = os.fstat(self._disk.fileno()) if self._owned else None
        self.size = status.st_size if status and stat.S_ISREG(status.st_mode) else 0
        compressed = path.suffix.casefold() == ".gz"
        # GzipFile reads and closes as a BinaryIO does, but is not declared as one
        self._file: BinaryIO = gzip.GzipFile(fileobj=self._disk) if compressed else self._disk  # type: ignore[assignment]

    def __enter__(self) -> _Source:
        return self

    def __exit__(self, *_: object) -> None:
        if self._owned:
            if self._progress:
                self._progress(max(0, self.size - self._told))
            self._disk.close()

    def peek(self) -> bytes:
        """Some bytes from the beginning, without taking them."""
        # both kinds of file have it, BinaryIO does not declare it
        peek: Callable[[int], bytes] = self._file.peek  # type: ignore[attr-defined]
        return peek(_CHUNK)[:4096]

    def read(self, limit: int) -> bytes:
        """At most `limit` bytes."""
        return self._file.read(limit) if limit > 0 else b""

    def head(self, limit: int) -> bytes:
        """The first line that holds more than blanks, with those before it, up to `limit` bytes."""
        head = b""
        while len(head) < limit and not head.strip():
            line = self._file.readline(limit - len(head))
            if not line:
                break
            head += line
        return head

    def lines(self, head: bytes, limit: int) -> Iterator[bytes]:
        """The lines of `head` and of the rest; one over `limit` is cut to a byte more than that."""
        rest = iter(lambda: self._file.readline(limit + 1), b"")
        for line in chain(io.BytesIO(head), rest):
            self._tell()
            yield line
            if len(line) > limit:
                self._pass_over_rest(line)

    def _pass_over_rest(self, line: bytes) -> None:
        while line and not line.endswith(b"\n"):
            line = self._file.readline(_CHUNK)

    def _tell(self) -> None:
        if self._progress and self._owned:
            at = self._disk.tell()
            self._progress(at - self._told)
            self._told = at


def _shown(source: str | Path) -> str:
    shown = str(source).replace("\0", "\\0")
    return shown if len(shown) <= 200 else shown[:197] + "..."


def _why(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
