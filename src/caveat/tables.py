"""Trackers' tables: rows of CSV or XLSX to records, by a map of columns to fields.

A map is a TOML file (`caveat import --blank` prints the commented template):

    id = "id"                       # the column that tells rows apart, across imports
    [columns]                       # field of a record = column of the table
    [separators]                    # what stands between several in one cell
    [values.kind]                   # words of the table = ours
    [rows.F086]                     # what one row needs, and why
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from caveat.commit import numbers_of
from caveat.errors import BadRecord, InputError, UnreadableFile
from caveat.model import Interval, Relation
from caveat.read import parse_date
from caveat.record import Record

FIELDS = (
    "quote", "stance", "kind", "holders", "group", "group_size", "negated", "conditions", "amount",
    "speaker", "speaks_for", "relay", "voice", "own", "reported", "said", "outlet", "url", "title",
    "place", "mission",
)  # fmt: skip
_KEYS = {"id", "group", "columns", "separators", "values", "rows", "title"}
_MOST_CELL = 100_000


@dataclass(frozen=True, slots=True)
class TableMap:
    """How a table's columns become fields."""

    id: str
    """The column that tells rows apart."""
    columns: Mapping[str, str]
    separators: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    rows: Mapping[str, Mapping[str, Any]]
    group: str | None = None
    """What stands in the holders' column for an unnamed group."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row by its identity: its record, or why there is none."""

    id: str
    number: int
    record: Record | None
    problem: str | None = None


def load_map(named: str) -> TableMap:
    """A map from a file, or one that ships with Caveat, by name. Raises `InputError`."""
    shipped = resources.files("caveat") / "maps" / f"{named}.toml"
    try:
        text = shipped.read_text("utf-8") if re.fullmatch(r"[\w-]+", named) and shipped.is_file() \
            else Path(named).read_text("utf-8")  # fmt: skip
        given = tomllib.loads(text)
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as e:
        raise InputError(f"cannot read the map {named}: {e}") from e
    unknown = set(given) - _KEYS or set(given.get("columns", ())) - set(FIELDS)
    if unknown:
        raise InputError(
            f"the map {named} has {sorted(unknown)[0]!r}, which is no key and no field"
        )
    for needed in ("id", "columns"):
        if needed not in given:
            raise InputError(f"the map {named} lacks {needed!r}")
    for needed in ("quote", "stance", "holders"):
        if needed not in given["columns"]:
            raise InputError(f"the map {named} gives no column for {needed!r}")
    return TableMap(
        given["id"], given["columns"], given.get("separators", {}), given.get("values", {}),
        given.get("rows", {}), given.get("group"),
    )  # fmt: skip


def map_template() -> str:
    """The commented template of a map."""
    return (resources.files("caveat") / "maps" / "template.toml").read_text("utf-8")


def read_table(path: Path, by: TableMap) -> Iterator[Row]:
    """The rows of a CSV, TSV or XLSX table. A row that no record can be made of tells why.

    Raises `UnreadableFile` where the table cannot be read or lacks a column that the map names.
    """
    lines = _xlsx(path) if path.suffix.lower() == ".xlsx" else _separated(path)
    header = next(lines, None)
    if header is None:
        raise UnreadableFile(f"{path} is empty")
    lacking = [c for c in (by.id, *by.columns.values()) if c not in header]
    if lacking:
        raise UnreadableFile(f"{path} has no column {lacking[0]!r}; it has {', '.join(header)}")
    seen: set[str] = set()
    for number, cells in enumerate(lines, 2):
        if not any(c.strip() for c in cells):
            continue
        row = dict(zip(header, cells, strict=False))
        id_ = row.get(by.id, "").strip()
        if not id_ or id_ in seen:
            told = f"{id_!r} stands twice" if id_ else f"no {by.id}"
            yield Row(id_ or f"line {number}", number, None, told)
            continue
        seen.add(id_)
        try:
            yield Row(id_, number, _record(row, id_, by))
        except InputError as e:
            yield Row(id_, number, None, str(e))


def _separated(path: Path) -> Iterator[list[str]]:
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeError) as e:
        raise UnreadableFile(f"cannot read {path}: {e}") from e
    first = text.partition("\n")[0]
    delimiter = max("\t;,", key=first.count)
    csv.field_size_limit(_MOST_CELL)
    lines = io.StringIO(text, newline="")
    try:
        if delimiter == "\t":  # quotation marks are words in tables that tabs separate
            yield from csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
        else:
            yield from csv.reader(lines, delimiter=delimiter)
    except csv.Error as e:
        raise UnreadableFile(f"{path} is no table: {e}") from e


def _xlsx(path: Path) -> Iterator[list[str]]:
    try:
        import openpyxl
        from openpyxl.utils.exceptions import InvalidFileException
    except ImportError as e:
        raise UnreadableFile(
            f"{path}: to read XLSX install caveat with its extra: pip install 'caveat[tables]'"
        ) from e
    broken = (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile, InvalidFileException)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        for cells in book.worksheets[0].iter_rows(values_only=True):
            yield [_cell(c) for c in cells]
    except broken as e:
        raise UnreadableFile(f"cannot read {path}: {e}") from e


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value.date().isoformat() if hasattr(value, "date") else str(value)


def _record(row: Mapping[str, str], id_: str, by: TableMap) -> Record:
    given: dict[str, Any] = {}
    for name, column in by.columns.items():
        told = row.get(column, "").strip()
        told = by.values.get(name, {}).get(told, told)
        if told:
            given[name] = _field(name, told, by)
    holders = given.get("holders", ())
    if by.group is not None and holders == (by.group,):
        given["holders"] = ()
        given.setdefault("group", row.get(by.columns.get("group_size", ""), "") or "unnamed group")
    given |= {k: v for k, v in by.rows.get(id_, {}).items() if k != "why"}
    used = {by.id, *by.columns.values()}
    more = tuple(sorted((k, v) for k, v in row.items() if k not in used and v))
    if "stance" not in given or "quote" not in given:
        raise BadRecord("no stance" if "quote" in given else "no words that it rests on")
    return Record(**given, name=id_, more=more)


def _field(name: str, told: str, by: TableMap) -> Any:
    between = by.separators.get(name, {"relay": ">", "conditions": ";"}.get(name, ","))
    several = tuple(part.strip() for part in told.split(between) if part.strip())
    if name in ("holders", "relay"):
        return several
    if name == "conditions":
        return tuple(_condition(part) for part in several)
    if name in ("reported", "said"):
        return _day(told)
    if name in ("own", "negated"):
        return told.lower() in ("yes", "true", "1", "x")
    if name == "group_size":
        return _size(told)
    return told


def _condition(told: str) -> tuple[Relation, str]:
    relation, mark, words = (part.strip() for part in told.partition(":"))
    if not mark or not words:
        raise BadRecord(f"{told!r} is no condition: write relation: words")
    return relation, words  # type: ignore[return-value]  # held to the relations by the record


def _day(told: str) -> Interval:
    found = parse_date(told)
    if found is None:
        raise BadRecord(f"{told!r} is no date")
    return found


def _size(told: str) -> tuple[int | None, int | None] | None:
    """ "26", "~30", "30+": how many an unnamed group says it is; None where no figure is given."""
    if told.endswith("+"):
        least = numbers_of(told[:-1])
        return (least[0] + 1 if least and least[0] is not None else None, None) if least else None
    return numbers_of(told.lstrip("~"))
