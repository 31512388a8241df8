"""Where output goes: JSON on standard output, files in UTF-8."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from caveat.errors import InputError


def print_json(value: object, *, line: bool = False) -> None:
    """JSON in UTF-8 on standard output, whatever the terminal's encoding is; nothing else."""
    out = _utf8(sys.stdout)
    out.write(json.dumps(value, ensure_ascii=False, indent=None if line else 2) + "\n")
    if line:
        # one by one: whoever feeds a pipe line by line waits for the answer
        out.flush()


@contextmanager
def opened(output: Path | None) -> Iterator[TextIO]:
    """A file in UTF-8, its folder made where it is missing; standard output for None or "-".

    Raises `InputError` with the reason where it cannot be written.
    """
    if output is None or str(output) == "-":
        yield _utf8(sys.stdout)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with output.open("w", encoding="utf-8", errors="backslashreplace", newline="") as out:
            yield out
    except OSError as e:
        raise InputError(f"cannot write {output}: {e.strerror or e}") from e


def _utf8(stream: TextIO) -> TextIO:
    # half a character escapes to \udcxx, which in JSON is what it should be
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    return stream
