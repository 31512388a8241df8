"""`caveat read`: what articles say, and nothing stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer

from caveat.model import Article, Skipped
from caveat.show.llm import (
    Asking,
    Built,
    CacheOption,
    CapOption,
    LlmModelOption,
    LlmUrlOption,
    OfflineOption,
    Options,
    ReaderOption,
    UsageOption,
    YesOption,
    chosen,
    exit_if,
)
from caveat.show.options import DateOption, JsonOption, OutletOption, UndertakingOption
from caveat.show.output import print_json

if TYPE_CHECKING:
    from caveat.read import ReadOptions
    from caveat.undertaking import Undertaking

# ruff: noqa: PLR0913, PLR0917  (Typer reads options off the signature)

NOTHING_READ = 3
"""Exit code where not one source could be opened, as for `InputError`."""

FormatOption = Annotated[
    str,
    typer.Option("--format", metavar="FORMAT", help="auto, text, html or jsonl."),
]


def read(
    sources: Annotated[
        list[str], typer.Argument(metavar="FILE…|-", help="Files, folders, or - for stdin.")
    ],
    json_: JsonOption = False,
    jsonl: Annotated[
        bool,
        typer.Option("--jsonl", help="Read JSON lines and write a line for each, in order."),
    ] = False,
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
    cache: CacheOption = None,
) -> None:
    """Print what articles say, and store nothing.

    \b
    Example:
      caveat read report.txt --date 2026-01-07
      caveat read --jsonl articles.jsonl > findings.jsonl
      caveat read report.txt --reader llm --cache replies.db
    """
    if json_ and jsonl:
        raise typer.BadParameter("--json and --jsonl exclude each other")
    if jsonl and format_ == "auto":
        format_ = "jsonl"
    options = read_options(date, outlet, format_)
    model = Options(llm_url, llm_model, offline, cap, yes, usage, cache)
    named = _undertaking(undertaking)
    with chosen(reader, model) as by:
        if jsonl:
            tally = _print_lines(sources, options, named, by)
        elif json_:
            tally = _print_list(sources, options, named, by)
        else:
            tally = _print_marked(sources, options, named, by)
        unread = by.finish()
    exit_if(unread)
    tally.exit_if_nothing()


class Tally:
    """How many articles were read and whether any source could not even be opened."""

    def __init__(self) -> None:
        self.read = 0
        self.unreadable = 0

    def skip(self, skipped: Skipped) -> None:
        """Count an input that was left out."""
        self.unreadable += skipped.reason == "unreadable"

    def exit_if_nothing(self) -> None:
        """A batch goes on past bad files; where nothing was left of it, that is an error."""
        if not self.read and self.unreadable:
            raise typer.Exit(NOTHING_READ)


def read_options(date: str | None, outlet: str | None, format_: str) -> ReadOptions:
    """The options of reading, as the command line gives them."""
    from caveat.read import ReadOptions

    formats = ("auto", "text", "html", "jsonl")
    if format_ not in formats:
        raise typer.BadParameter(f"{format_!r} is no format; formats are {', '.join(formats)}")
    known = cast(Literal["auto", "text", "html", "jsonl"], format_)
    return ReadOptions(date=date, outlet=outlet, format=known)


def _undertaking(named: str | None) -> Undertaking | None:
    """By file or name; the default one where none is named, none at all for "none"."""
    from caveat.undertaking import load_undertaking

    return None if named == "none" else load_undertaking(named)


def _objects(
    sources: Iterable[str],
    options: ReadOptions,
    named: Undertaking | None,
    by: Built | Asking,
    tally: Tally,
) -> Iterator[dict[str, Any]]:
    """The contract's object for each article, skipped ones and bad lines included, in order."""
    from caveat.read import read_articles
    from caveat.run import find_positions
    from caveat.show.contract import skipped_object, to_object
    from caveat.show.terminal import skip_words

    for one in by.ahead(read_articles(sources, options)):
        if isinstance(one, Article):
            tally.read += 1
            found = find_positions(one, named, by.reader)
            yield to_object(found, one.extra.get("id"))
        else:
            tally.skip(one)
            _note(f"skipped {skip_words(one)}")
            detail = f": {one.detail}" if one.detail else ""
            yield skipped_object(one.id or one.name, f"{one.reason}{detail}")


def _print_lines(
    sources: list[str], options: ReadOptions, named: Undertaking | None, by: Built | Asking
) -> Tally:
    tally = Tally()
    for found in _objects(sources, options, named, by, tally):
        print_json(found, line=True)
    return tally


def _print_list(
    sources: list[str], options: ReadOptions, named: Undertaking | None, by: Built | Asking
) -> Tally:
    tally = Tally()
    print_json(list(_objects(sources, options, named, by, tally)))
    return tally


def _print_marked(
    sources: list[str], options: ReadOptions, named: Undertaking | None, by: Built | Asking
) -> Tally:
    from caveat.read import read_articles
    from caveat.run import find_positions
    from caveat.show.terminal import consoles, show_findings, skip_words

    tally, (out, _) = Tally(), consoles()
    for one in by.ahead(read_articles(sources, options)):
        if isinstance(one, Article):
            if tally.read:
                out.print()
            tally.read += 1
            show_findings(out, find_positions(one, named, by.reader))
        else:
            tally.skip(one)
            _note(f"skipped {skip_words(one)}")
    return tally


def _note(text: str) -> None:
    from caveat.show.terminal import plain

    typer.echo(f"caveat: {plain(text)}", err=True)
