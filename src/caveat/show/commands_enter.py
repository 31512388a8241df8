"""`caveat record` and `caveat import`: positions that people enter, by hand or as a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from caveat.show.commands_actors import WhoOption, login
from caveat.show.commands_add import writable
from caveat.show.options import JsonOption, RegisterOption, UndertakingOption
from caveat.show.output import print_json

if TYPE_CHECKING:
    from caveat.tables import Row

# Typer reads parameters off the signature.
# ruff: noqa: PLR0913, PLR0917


def record(
    quote: Annotated[
        str,
        typer.Option("--quote", metavar="WORDS", help="The words that it rests on."),
    ],
    stance: Annotated[
        str, typer.Option("--stance", metavar="STANCE", help="ready, pledged, refused …")
    ],
    holder: Annotated[
        list[str] | None,
        typer.Option(
            "--holder",
            metavar="PARTY",
            show_default=False,
            help="Whose position it is: a name, ISO code or id. Repeatable.",
        ),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(
            "--group",
            metavar="WORDS",
            show_default=False,
            help="Instead of a holder: the words for an unnamed group.",
        ),
    ] = None,
    kind: Annotated[str, typer.Option("--kind", "-k", metavar="KIND")] = "troops",
    condition: Annotated[
        list[str] | None,
        typer.Option(
            "--condition",
            metavar="RELATION:WORDS",
            show_default=False,
            help="'if: a ceasefire', 'only_if: …', 'unless: …'. Repeatable.",
        ),
    ] = None,
    negated: Annotated[bool, typer.Option("--negated", help="It is denied.")] = False,
    amount: Annotated[
        str | None, typer.Option("--amount", metavar="WORDS", show_default=False)
    ] = None,
    speaker: Annotated[
        str | None,
        typer.Option("--speaker", metavar="NAME", show_default=False, help="Who says so."),
    ] = None,
    speaks_for: Annotated[
        str | None,
        typer.Option(
            "--speaks-for",
            metavar="PARTY",
            show_default=False,
            help="The party that the speaker speaks for.",
        ),
    ] = None,
    relay: Annotated[
        list[str] | None,
        typer.Option(
            "--relay",
            metavar="NAME",
            show_default=False,
            help="Through whom, the first voice first. Repeatable.",
        ),
    ] = None,
    voice: Annotated[
        str | None,
        typer.Option(
            "--voice",
            metavar="VOICE",
            show_default="by who speaks",
            help="quoted, reported, third-party or anonymous.",
        ),
    ] = None,
    own: Annotated[
        bool, typer.Option("--own", help="Each holder's own word, as of a signed paper.")
    ] = False,
    date: Annotated[
        str | None,
        typer.Option("--date", metavar="DATE", show_default=False, help="The day of the report."),
    ] = None,
    said: Annotated[
        str | None,
        typer.Option("--said", metavar="DATE", show_default=False, help="The day it was said."),
    ] = None,
    outlet: Annotated[
        str | None, typer.Option("--outlet", metavar="NAME", show_default=False)
    ] = None,
    url: Annotated[str | None, typer.Option("--url", metavar="URL", show_default=False)] = None,
    title: Annotated[
        str | None, typer.Option("--title", metavar="WORDS", show_default=False)
    ] = None,
    by: WhoOption = None,
    register: RegisterOption = None,
    undertaking: UndertakingOption = None,
    json_: JsonOption = False,
) -> None:
    """Enter a position by hand, with its words, address and dates.

    \b
    Example:
      caveat record --holder France --stance ready --condition "after: a ceasefire" \\
        --quote "We are ready to send soldiers after a ceasefire." --speaker "A. Minister" \\
        --speaks-for France --voice quoted --outlet "The Post" --date 2026-01-07
    """  # fmt: skip
    from caveat.errors import BadRecord
    from caveat.read import parse_date
    from caveat.record import Record, findings_of

    conditions = []
    for told in condition or ():
        relation, mark, words = (part.strip() for part in told.partition(":"))
        if not mark or not words:
            raise BadRecord(f"{told!r} is no condition: write 'if: a ceasefire'")
        conditions.append((relation, words))
    with writable(register, undertaking) as held:
        found = findings_of(
            Record(
                quote=quote, stance=stance, kind=kind, holders=tuple(holder or ()), group=group,  # type: ignore[arg-type]  # held to the stances by `findings_of`
                negated=negated, conditions=tuple(conditions), amount=amount, speaker=speaker,  # type: ignore[arg-type]  # and to the relations
                speaks_for=speaks_for, relay=tuple(relay or ()), voice=voice, own=own,  # type: ignore[arg-type]  # and to the voices
                reported=parse_date(date) if date else None,
                said=parse_date(said) if said else None,
                outlet=outlet, url=url, title=title, by=by or login(), name="record",
            ),
            held.undertaking,
        )  # fmt: skip
        new = held.add(found)
        held.refresh()
        position = found.positions[0]
        id_ = position.id(found.article.id)
    if json_:
        print_json({"id": id_, "new": new, "voice": position.voice,
                    "holders": list(position.holder_actors)})  # fmt: skip
    else:
        typer.echo(f"{id_[:8]} {'recorded' if new else 'was recorded already'} ({position.voice})")


def import_(
    table: Annotated[
        Path | None, typer.Argument(metavar="TABLE", help="A CSV, TSV or XLSX table.")
    ] = None,
    map_: Annotated[
        str,
        typer.Option("--map", metavar="FILE|NAME", help="How its columns become positions."),
    ] = "statements",
    source: Annotated[
        str | None,
        typer.Option(
            "--source",
            metavar="NAME",
            show_default="the file's name",
            help="What the table is called, across imports.",
        ),
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Rows that are gone from the table count no more.")
    ] = False,
    blank: Annotated[
        bool, typer.Option("--blank", help="Print the commented template of a map.")
    ] = False,
    register: RegisterOption = None,
    undertaking: UndertakingOption = None,
    json_: JsonOption = False,
) -> None:
    """Take over a tracker's table. Importing it again updates its rows and doubles nothing.

    \b
    Example:
      caveat import tracker.csv --map tracker.toml
      caveat import --blank > tracker.toml
    """  # fmt: skip
    from caveat.tables import load_map, map_template, read_table

    if blank:
        print_json({"toml": map_template()}) if json_ else typer.echo(map_template(), nl=False)
        return
    if table is None:
        raise typer.BadParameter("name a table")
    by = load_map(map_)
    rows = list(read_table(table, by))
    named = source or table.name
    counts, problems = {"new": 0, "changed": 0, "known": 0, "gone": 0}, []
    with writable(register, undertaking) as held:
        for row in rows:
            state = _import_row(held, named, row)
            if isinstance(state, str) and state in counts:
                counts[state] += 1
            else:
                problems.append((row, state))
        # a row that could not be read is not gone
        gone = sorted(held.imported(named) - {row.id for row in rows})
        if prune:
            for id_ in gone:
                held.import_row(named, id_, None)
                counts["gone"] += 1
        held.refresh()
        place = held.place
    _report(named, counts, problems, [] if prune else gone, place, json_)


def _import_row(held: Any, source: str, row: Row) -> str:
    """What importing a row came to, or the reason why it was left out."""
    from caveat.errors import InputError
    from caveat.record import findings_of

    if row.record is None:
        return row.problem or "no record"
    try:
        found = findings_of(row.record, held.undertaking)
    except InputError as e:
        return str(e)
    return str(held.import_row(source, row.id, found))


def _report(
    source: str,
    counts: dict[str, int],
    problems: list[tuple[Row, str]],
    gone: list[str],
    place: str,
    json_: bool,
) -> None:
    if json_:
        left_out = [{"row": r.id, "line": r.number, "reason": why} for r, why in problems]
        print_json({"source": source, **counts, "left_out": left_out, "not_in_table": gone})
        return
    told = ", ".join(f"{n} {state}" for state, n in counts.items() if n)
    typer.echo(f"{source}: {told or 'no rows'}, {len(problems)} left out → {place}")
    for row, why in problems:
        typer.echo(f"  line {row.number} ({row.id}): {why}")
    if gone:
        typer.echo(f"  no longer in the table, still counted (--prune): {', '.join(gone)}")
