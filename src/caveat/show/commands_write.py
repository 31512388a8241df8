"""`caveat export` and `caveat report`: positions for other programs, an answer as a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from caveat.show.options import (
    AllOfOption,
    AsOfOption,
    AssumeOption,
    AtLeastOption,
    BeneficiaryOption,
    HindsightOption,
    JsonOption,
    KindOption,
    ReadingOption,
    RegisterOption,
    ReviewedOption,
    VoiceOption,
    WithoutOutletOption,
    asked,
    open_register,
    tracked,
)
from caveat.show.output import opened, print_json

# see commands_ask.py
# ruff: noqa: ARG001, PLR0913, PLR0917


def export(
    format_: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="csv or json.")
    ] = "csv",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            show_default=False,
            help="Where to write; standard output if not given.",
        ),
    ] = None,
    register: RegisterOption = None,
    json_: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Write all positions as CSV or JSON.

    Each current position with its evidence sentence and its link, never the full text.

    \b
    Example:
      caveat export --format csv --output positions.csv
    """  # fmt: skip
    from caveat.show.export import write_csv, write_json

    if format_ not in ("csv", "json"):
        raise typer.BadParameter(f"{format_!r} is no format; formats are csv and json")
    write = write_json if json_ or format_ == "json" else write_csv
    with open_register(register) as held:
        entries, actors = held.entries(), held.actors()
    with opened(output) as out:
        rows = write(entries, actors, out)
    if output is not None:
        typer.echo(f"{rows} positions → {output}", err=True)


def report(
    context: typer.Context,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="The page to write."),
    ],
    kind: KindOption = None,
    all_of: AllOfOption = False,
    at_least: AtLeastOption = "ready",
    as_of: AsOfOption = None,
    hindsight: HindsightOption = False,
    assume: AssumeOption = None,
    voice: VoiceOption = None,
    without_outlet: WithoutOutletOption = None,
    beneficiary: BeneficiaryOption = None,
    reviewed_only: ReviewedOption = False,
    reading: ReadingOption = "strict",
    register: RegisterOption = None,
    json_: JsonOption = False,
) -> None:
    """Write the answer as one HTML page.

    The page is self-contained: it opens from disk and never calls out.

    \b
    Example:
      caveat report --kind troops --as-of 2026-01-07 --output report.html
    """
    from datetime import date

    from caveat import ask
    from caveat.show.report import Material, render
    from caveat.show.words import headline

    with open_register(register) as held:
        actors, undertaking, entries = held.actors(), tracked(held), held.entries()
        counts, skipped = held.counts(), held.skips()
        gone = held.left_out()
        left_out = {"positions of retracted or corrected articles left out": gone} if gone else {}
        question = asked(context.params, undertaking, held)
    found = ask.scenarios(entries, actors, undertaking, question)
    material = Material(
        scenarios=found,
        board=ask.board(entries, actors, undertaking, question),
        entries={e.id: e for e in entries},
        changes=ask.changes(entries, actors, question),
        course=ask.timeline(entries, actors, undertaking, question),
        pair=ask.best_pair(entries, actors, undertaking, question, found[0].answer),
        conflicts=ask.conflicts(entries, actors, undertaking, question),
        actors=actors,
        undertaking=undertaking,
        skipped=skipped,
        counts={"articles": counts.articles, "positions": counts.positions, **left_out},
        made=date.today(),
    )
    with opened(output) as out:
        out.write(render(material))
    answer = material.scenarios[0].answer
    told = headline(answer, actors)
    if json_:
        about = {"output": str(output), "answer": told, "lower": answer.lower,
                 "upper": answer.upper}  # fmt: skip
        print_json(about)
    else:
        typer.echo(f"{told} → {output}")
