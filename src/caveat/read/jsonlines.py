"""JSON lines: one article a line, `{"id", "text", optional "title", "date", "outlet", "url"}`."""

from __future__ import annotations

import codecs
import json
from typing import Any

from caveat.read.raw import LeftOut, Raw


def parse_line(line: bytes, name: str) -> Raw:
    """Read one line; `name` says where it stood.

    "text" is taken exactly as given. Numbers become their digits, null is as good as absent, and
    lists and objects among the further fields are kept as JSON text.

    Raises `LeftOut` ("bad-json", "no-text").
    """
    try:
        item: Any = json.loads(line.removeprefix(codecs.BOM_UTF8).decode("utf-8"))
    except UnicodeDecodeError as e:
        raise LeftOut("bad-json", f"not UTF-8 at byte {e.start + 1}") from e
    except (ValueError, RecursionError) as e:
        raise LeftOut("bad-json", _why(e)) from e
    if not isinstance(item, dict):
        raise LeftOut("bad-json", "not an object")
    text = item.pop("text", None)
    fields = {key: _words(value) for key, value in item.items() if value is not None}
    if not isinstance(text, str) or not text.strip():
        problem = "no text" if text is None or isinstance(text, str) else "text is not a string"
        raise LeftOut("no-text", problem, fields.get("id"))
    return Raw(text, name, fields)


def looks_like_json(head: bytes) -> bool:
    """Whether a stream that begins so holds JSON lines; no prose begins with a JSON object."""
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()[:80]
    return start.startswith(b"{") and start[1:].lstrip()[:1] in (b'"', b"}")


def _words(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos + 1}"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)
