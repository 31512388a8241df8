"""`caveat add` and `caveat undertaking`: what a register holds, and by which rules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Annotated, Any

import typer

from caveat.show.commands_opinions import second_opinions, show_opinion_counts
from caveat.show.commands_read import FormatOption, Tally, read_options
from caveat.show.llm import (
    Built,
    CapOption,
    LlmModelOption,
    LlmUrlOption,
    OfflineOption,
    Options,
    ReaderOption,
    SecondOpinionOption,
    UsageOption,
    YesOption,
    chosen,
    exit_if,
)
from caveat.show.options import (
    DateOption,
    JsonOption,
    OutletOption,
    RegisterOption,
    UndertakingOption,
    open_register,
)
from caveat.show.output import print_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from caveat.model import Article, Skipped
    from caveat.run import Summary
    from caveat.undertaking import Undertaking

    _Ticks = tuple[Callable[[Article | Skipped], None] | None, Callable[[int], None] | None]

# ruff: noqa: PLR0913, PLR0917  (Typer reads options off the signature)


def add(
    sources: Annotated[
        list[str], typer.Argument(metavar="SOURCE…", help="Files, folders, or - for stdin.")
    ],
    register: RegisterOption = None,
    undertaking: UndertakingOption = None,
    date: DateOption = None,
    outlet: OutletOption = None,
    format_: FormatOption = "auto",
    reader: ReaderOption = None,
    llm_url: LlmUrlOption = None,
    llm_model: LlmModelOption = None,
    offline: OfflineOption = False,
    cap: CapOption = None,
    yes: YesOption = False,
    usage: UsageOption = None,
    second_opinion: SecondOpinionOption = False,
    json_: JsonOption = False,
) -> None:
    """Read articles into the register. Adding one twice changes nothing.

    \b
    Example:
      caveat add reports/ --register troops.db
      caveat add archive.jsonl.gz
      caveat add reports/ --second-opinion --cap 200000
    """
    from caveat.run import read_into
    from caveat.show.terminal import consoles

    options = read_options(date, outlet, format_)
    model = Options(llm_url, llm_model, offline, cap, yes, usage)
    out, err = consoles()
    opinions: dict[str, int] | None = None
    with writable(register, undertaking) as store:
        with chosen(reader, model, store) as by:
            shown = _progress(err, sources) if isinstance(by, Built) else nullcontext((None, None))
            with shown as (tick, advance):
                summary = read_into(
                    store, sources, options, by.reader, tick, advance, ahead=by.ahead
                )
            unread = by.finish()
        if second_opinion:
            opinions, more = second_opinions(store, model)
            unread = unread or more
    if json_:
        asked = {} if opinions is None else {"opinions": opinions}
        print_json({**_summary_object(summary), **asked})
    else:
        from caveat.show.terminal import show_summary

        show_summary(out, summary, store.place)
        if opinions is not None:
            show_opinion_counts(out, opinions)
    exit_if(unread)
    tally = Tally()
    tally.read = summary.read
    for skipped in summary.skipped:
        tally.skip(skipped)
    tally.exit_if_nothing()


def undertaking(
    blank: Annotated[
        bool, typer.Option("--blank", help="Print the commented template of a new one.")
    ] = False,
    named: Annotated[
        str | None,
        typer.Option(
            "--undertaking",
            "-u",
            metavar="FILE|NAME",
            show_default=False,
            help="Print this one instead.",
        ),
    ] = None,
    register: RegisterOption = None,
    json_: JsonOption = False,
) -> None:
    """Print the undertaking in force.

    It is the register's, or the default one where there is no register yet.

    \b
    Example:
      caveat undertaking --blank > fleet.toml
      caveat add reports/ --undertaking fleet.toml --register fleet.db
    """  # fmt: skip
    from caveat.undertaking import load_undertaking, shipped, template

    if blank:
        toml, found = template(), None
    else:
        found = load_undertaking(named) if named else _in_force(register)
        toml = found.toml
    if json_:
        about = {} if found is None else {
            "id": found.id, "title": found.title, "digest": found.digest,
        }  # fmt: skip
        print_json({**about, "toml": toml, "shipped": list(shipped())})
    else:
        typer.echo(toml, nl=not toml.endswith("\n"))


def _in_force(register: str | None) -> Undertaking:
    from caveat.errors import RegisterError
    from caveat.undertaking import load_undertaking

    try:
        with open_register(register) as found:
            return found.undertaking or load_undertaking()
    except RegisterError:
        if register is not None:
            raise
        return load_undertaking()  # nothing was read yet: what `add` would take


@contextmanager
def writable(place: str | None, named: str | None) -> Iterator[Any]:
    """The register to write to; a new one is given the undertaking named, or the default one."""
    from caveat.register import Register, default_path
    from caveat.undertaking import load_undertaking

    where = place or default_path()
    given = load_undertaking(named) if named else None
    if given is None:
        with Register(where) as held:
            is_new = held.undertaking is None and not held.counts().articles
        given = load_undertaking() if is_new else None
    with Register(where, undertaking=given) as register:
        yield register


@contextmanager
def _progress(err: Console, sources: list[str]) -> Iterator[_Ticks]:
    """A progress bar over the sources' bytes on standard error while it is a terminal."""
    if not err.is_terminal:
        yield None, None
        return
    from rich.progress import (
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    from caveat.read import count_bytes

    columns = (
        TextColumn("reading"), BarColumn(), TextColumn("{task.fields[articles]} articles"),
        TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("reading", total=count_bytes(sources), articles=0)

        def tick(_: Article | Skipped) -> None:
            progress.update(task, articles=progress.tasks[0].fields["articles"] + 1)

        yield tick, lambda n: progress.advance(task, n)


def _summary_object(summary: Summary) -> dict[str, Any]:
    return {
        "read": summary.read,
        "new": summary.new,
        "known": summary.known,
        "positions": summary.positions,
        "undated": summary.undated,
        "skipped": [
            {"name": s.name, "reason": s.reason, "detail": s.detail} for s in summary.skipped
        ],
        "seconds": round(summary.seconds, 3),
    }
