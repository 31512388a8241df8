"""Front matter: lines "key: value" between two lines of three hyphens at the start of a text."""

from __future__ import annotations

import re

from caveat.read.raw import Raw

_BLOCK = re.compile(
    r"---[ \t]*\r?\n(?P<lines>(?:(?!---[ \t]*(?:\r?\n|\Z)).*\r?\n){0,100}?)---[ \t]*(?:\r?\n|\Z)"
    r"(?:[ \t]*\r?\n)?"
)
_LINE = re.compile(r"(?P<key>\w[\w .-]{0,60}?)\s*:(?:\s+(?P<value>.*?))?\s*\Z")


def split_front_matter(text: str, name: str) -> Raw:
    """Part front matter and text; the text begins after the block and one empty line.

    Quoted values lose their quotes, indented lines and list items continue the value above.
    A block with any other line is no front matter: then it stays in the text.
    """
    m = _BLOCK.match(text)
    fields = _fields(m["lines"]) if m else None
    if m is None or fields is None:
        return Raw(text, name)
    return Raw(text[m.end() :], name, fields, "front-matter")


def _fields(block: str) -> dict[str, str] | None:
    fields: dict[str, str] = {}
    key = ""
    for line in block.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if key and line.startswith((" ", "\t", "- ")):
            fields[key] = f"{fields[key]} {line.strip()}".strip()
            continue
        m = _LINE.match(line)
        if not m:
            return None
        key = m["key"].casefold()
        fields[key] = _unquoted(m["value"] or "")
    return fields


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value
