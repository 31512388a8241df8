"""Bytes → characters. Every character stays as it was written; only a byte order mark goes.

Order: byte order mark, UTF-8 (text that is valid UTF-8 by chance and something else by intent
hardly exists), the declared encoding if the bytes fit it, Windows-1252 if the result looks like
prose, then charset-normalizer's guess.
"""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from caveat.read.raw import LeftOut

_MARKS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SIGNATURES = (  # formats that may hold no zero byte near their beginning
    (b"%PDF-", "PDF"),
    (b"{\\rtf", "RTF"),
    (b"\x89PNG", "PNG image"),
    (b"\xff\xd8\xff", "JPEG image"),
    (b"GIF8", "GIF image"),
    (b"PK\x03\x04", "ZIP or Office file"),
    (b"\x1f\x8b", "gzip file"),
)
_CONTROLS = bytes(c for c in range(32) if c not in b"\t\n\v\f\r\x1b") + b"\x7f"
_LOOK = 8192
_DETECT = 65_536
"""charset-normalizer's time grows with the size; the first 64 kB decide."""
_DECLARED = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})"""
    rb"""|<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{2,40})""",
    re.IGNORECASE,
)
_DECLARABLE = re.compile(
    r"iso8859|cp125|cp(?:866|874|932|949)$|koi8|gb|big5|euc_|shift_jis|mac-|tis-620|ascii|utf-8|iso2022"
)
_ODD = re.compile(r"[^\W\d_][¡-©«-´¶-¹»-¿×÷¬€‚„†‡ˆ˜™‰][^\W\d_]|â€|Ã[\x80-¿]")
"""Signs that no English prose has inside a word: there the bytes were not Windows-1252."""


def decode(data: bytes, *, html: bool = False) -> str:
    """Decode a file's bytes; for HTML the declared encoding is asked too.

    Raises `LeftOut` ("binary") where the bytes are no text.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    _refuse_binary(data)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    candidates = (_declared(data) if html else None, _damaged_utf8(data), _western(data))
    for text in candidates:
        if text is not None:
            return text
    return _detected(data)


def _refuse_binary(data: bytes) -> None:
    for signature, label in _SIGNATURES:
        if data.startswith(signature):
            raise LeftOut("binary", label)
    if b"\0" in data:
        raise LeftOut("binary", "zero bytes")
    head = data[:_LOOK]
    if len(head) - len(head.translate(None, _CONTROLS)) > len(head) // 50:
        raise LeftOut("binary", "control characters")


def _declared(data: bytes) -> str | None:
    m = _DECLARED.search(data[:_LOOK])
    if not m:
        return None
    try:
        encoding = codecs.lookup((m[1] or m[2]).decode("ascii", "replace")).name
    except LookupError:
        return None
    if not _DECLARABLE.match(encoding):
        return None
    if encoding in ("iso8859-1", "ascii"):  # browsers read both as Windows-1252 (WHATWG)
        encoding = "cp1252"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _damaged_utf8(data: bytes) -> str | None:
    """UTF-8 that was cut off or joined with a little of something else, else None."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(1 for c in text if c > "\x7f") - broken
    return text if whole >= 2 * broken else None


def _western(data: bytes) -> str | None:
    """Windows-1252 if it gives prose; short texts are misjudged by statistics alone."""
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    other = sum(1 for c in text if c > "\x7f")
    return text if other * 8 <= len(text) and not _ODD.search(text) else None


def _detected(data: bytes) -> str:
    best = from_bytes(data[:_DETECT]).best()
    if best is None:
        raise LeftOut("binary", "no known encoding")
    return data.decode(best.encoding, "replace")
