"""JSON out of a model's reply, whatever stands around it, and of replies that break off.

Nothing is repaired but what breaks off at the end: a finding that is not whole is left out.
"""

from __future__ import annotations

import json
import re
from typing import Any

_THOUGHTS = re.compile(r"<think>.*?</think>", re.DOTALL)
"""Local reasoning models write these before their reply."""
_CLOSING = {"{": "}", "[": "]"}
_TRIES = 20
"""How many opening braces are tried: prose with many braces must not take quadratic time."""


def read_json(reply: str) -> tuple[dict[str, Any] | None, bool]:
    """The first JSON object of a reply and whether it was whole; (None, False) without one."""
    text = _THOUGHTS.sub("", reply)
    decoder = json.JSONDecoder()
    at = text.find("{")
    first = at
    for _ in range(_TRIES):
        if at < 0:
            break
        try:
            found, _end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at = text.find("{", at + 1)
            continue
        # an object inside of one that broke off is no answer
        if at == first or not _is_open(text, first):
            return found, True
        break
    return _salvaged(text, first), False


def _is_open(text: str, start: int) -> bool:
    """Whether the object that begins at `start` never ends."""
    return bool(_walk(text, start)[0])


def _salvaged(text: str, start: int) -> dict[str, Any] | None:
    """The object up to its last whole finding (an object two levels down), closed there."""
    if start < 0:
        return None
    open_, cut = _walk(text, start)
    if not open_ or not cut:
        return None
    try:
        found = json.loads(text[start:cut] + "]}")
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _walk(text: str, start: int) -> tuple[list[str], int]:
    """Brackets that are open at the end, and where the last element of a list at the top ended."""
    stack: list[str] = []
    cut, quoted, escaped = 0, False, False
    for i in range(start, len(text)):
        c = text[i]
        if quoted:
            escaped, quoted = c == "\\" and not escaped, escaped or c != '"'
        elif c == '"':
            quoted = True
        elif c in _CLOSING:
            stack.append(_CLOSING[c])
        elif c in "}]":
            if not stack or stack.pop() != c:
                break
            if stack == ["}", "]"]:
                cut = i + 1
            if not stack:
                break
    return stack, cut
