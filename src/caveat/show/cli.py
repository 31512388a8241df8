"""The command line: `caveat COMMAND …`. Commands print to standard output, notes to standard error.

Exit codes: 0 done, 1 unexpected (or the reader of a pipe went away), 2 usage or a question that
cannot be asked, 3 input, 4 register, 130 interrupted. docs/cli.md tells them to users.
"""

from __future__ import annotations

import sys
from typing import Annotated, NoReturn

import typer

from caveat.errors import CaveatError
from caveat.show import (
    commands_actors,
    commands_add,
    commands_ask,
    commands_enter,
    commands_opinions,
    commands_propositions,
    commands_read,
    commands_register,
    commands_review,
    commands_search,
    commands_write,
)

# No Rich markup in help: it takes 0.1 s to load, and plain help reads the same in a pipe.
app = typer.Typer(
    name="caveat",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
)
app.command("read")(commands_read.read)
app.command("add")(commands_add.add)
app.command("record")(commands_enter.record)
app.command("import")(commands_enter.import_)
app.command("board")(commands_ask.board)
app.command("count")(commands_ask.count)
app.command("scenario")(commands_ask.scenario)
app.command("moves")(commands_ask.moves)
app.command("changes")(commands_ask.changes)
app.command("timeline")(commands_ask.timeline)
app.command("conflicts")(commands_ask.conflicts)
app.command("why")(commands_ask.why)
app.add_typer(commands_actors.actors)
app.add_typer(commands_propositions.propositions)
app.add_typer(commands_register.register)
app.command("search")(commands_search.search)
app.command("review")(commands_review.review)
app.command("opinions")(commands_opinions.opinions)
app.command("export")(commands_write.export)
app.command("report")(commands_write.report)
app.command("undertaking")(commands_add.undertaking)


def _version(wanted: bool) -> None:
    if wanted:
        from caveat import __version__

        typer.echo(f"caveat {__version__}")
        raise typer.Exit


@app.callback()
def caveat(
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error came from.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Who is willing to do what, under which conditions, and who says so.

    \b
    caveat read REPORT.txt              what one report says, nothing stored
    caveat add REPORTS/                 read reports into the register
    caveat count --kind troops          how many are ready to send troops?
    caveat report --output answer.html  the answer as a page
    """


def main() -> NoReturn:
    """Run the command line; errors become one sentence and an exit code."""
    # what a terminal's encoding lacks is escaped rather than an error; in JSON, too, it stays valid
    # (the ignore: a TextIO need not have `reconfigure`, the interpreter's own has)
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    # not by the option: errors of the parser pass here before it is read
    debug = "--debug" in sys.argv[1:]
    try:
        app(prog_name="caveat")
    except CaveatError as e:
        if debug:
            raise
        _fail(str(e), e.exit_code)
    except Exception as e:
        if debug:
            raise
        _fail(f"unexpected {type(e).__name__}: {e} (caveat --debug … shows where)", 1)
    sys.exit(0)


def _fail(sentence: str, code: int) -> NoReturn:
    # standard error escapes what it cannot encode by itself
    sys.stderr.write(f"caveat: {' '.join(sentence.split())}\n")
    sys.exit(code)
