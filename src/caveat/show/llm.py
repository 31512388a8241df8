"""The language model on the command line: options, what it will cost, leave to send, the bill."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from caveat.model import NO_REPLY, Article, Skipped, Span
from caveat.show.output import opened

if TYPE_CHECKING:
    from caveat.tag import Reader
    from caveat.tag.llm import Estimate, LlmReader, Replies, Settings

LLM = "llm"
NOT_ALL_READ = 5
"""Exit code where articles were left unread for want of a reply, as for `ReaderError`."""
_NAMED = 5
"""Unread articles that are named one by one."""

ReaderOption = Annotated[
    str | None,
    typer.Option("--reader", metavar="NAME", show_default="base",
                 help="Who reads: base, attributions (no positions, quick), llm (see docs)."),
]  # fmt: skip
SecondOpinionOption = Annotated[
    bool,
    typer.Option("--second-opinion",
                 help="Then ask a language model about what is unsure or decides a count."),
]  # fmt: skip
LlmUrlOption = Annotated[
    str | None,
    typer.Option("--llm-url", metavar="URL", show_default="CAVEAT_LLM_URL",
                 help="The model's endpoint, such as http://localhost:11434/v1."),
]  # fmt: skip
LlmModelOption = Annotated[
    str | None,
    typer.Option("--llm-model", metavar="NAME", show_default="CAVEAT_LLM_MODEL",
                 help="The model's name at its endpoint."),
]  # fmt: skip
OfflineOption = Annotated[
    bool, typer.Option("--offline", help="Ask nobody: answer from kept replies.")
]
CapOption = Annotated[
    int | None,
    typer.Option("--cap", metavar="TOKENS", show_default=False,
                 help="Stop asking before so many tokens are spent."),
]  # fmt: skip
YesOption = Annotated[
    bool, typer.Option("--yes", "-y", help="Send texts to the endpoint without asking first.")
]
UsageOption = Annotated[
    Path | None,
    typer.Option("--usage", metavar="FILE", show_default=False,
                 help="Write what the model was asked and what it cost, as JSON."),
]  # fmt: skip
CacheOption = Annotated[
    Path | None,
    typer.Option("--cache", metavar="FILE", show_default=False,
                 help="Keep the model's replies in this file, and answer from it."),
]  # fmt: skip

Items = Iterable[Article | Skipped]


@dataclass(frozen=True, slots=True)
class Options:
    """What a command was told of the language model."""

    url: str | None = None
    model: str | None = None
    offline: bool = False
    cap: int | None = None
    yes: bool = False
    usage: Path | None = None
    cache: Path | None = None


class Built:
    """A reader that needs nobody's leave."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def ahead(self, items: Items) -> Items:
        """The items as they come."""
        return items

    def finish(self) -> bool:
        """Nothing to say, and nothing left unread."""
        return False


class Asking:
    """A reader that asks a language model: estimate and leave before, the bill after."""

    def __init__(self, reader: LlmReader, options: Options, replies: Replies | None):
        self.reader = reader
        self._options = options
        self._replies = replies
        self._unread: list[Skipped] = []
        self._started = time.monotonic()
        self._estimate: Estimate | None = None

    def ahead(
        self, items: Items, around: Mapping[str, tuple[Span, ...]] | None = None
    ) -> Iterator[Article | Skipped]:
        """All items, each once the model has replied on it.

        They are gathered first: nothing is sent before everybody knows how much it will be.
        """
        gathered = list(items)
        passages = around or {}
        articles = [(i, passages.get(i.id)) for i in gathered if isinstance(i, Article)]
        self._estimate = self.reader.estimate(articles)
        self._started = time.monotonic()
        if self._estimate.requests and not self.reader.settings.offline:
            _announce(self._estimate, self.reader.settings, self._replies)
            _ask_leave(self.reader.settings, yes=self._options.yes)
        with _ticking(len(articles)) as tick:
            for item in self.reader.ahead(gathered, around):
                if isinstance(item, Article):
                    tick()
                elif item.reason == NO_REPLY:
                    self._unread.append(item)
                yield item

    def finish(self) -> bool:
        """Print the bill, and the articles that were left unread; returns whether there are any."""
        report = self._report()
        _note(_bill(report))
        if (path := self._options.usage) is not None:
            with opened(path) as out:
                out.write(json.dumps(report, ensure_ascii=False, indent=2) + "\n")
        if self._unread:
            for one in self._unread[:_NAMED]:
                _note(f"not read: {one.name}: {one.detail}")
            if (more := len(self._unread) - _NAMED) > 0:
                _note(f"not read: {more} more")
            _note(f"{len(self._unread)} not read; the same command goes on from here")
        return bool(self._unread)

    def _report(self) -> dict[str, Any]:
        from caveat.tag.llm import money

        usage, settings = self.reader.usage, self.reader.settings
        return {
            "reader": self.reader.version,
            "endpoint": settings.shown if settings.url else None,
            "requests": usage.requests,
            "from_kept_replies": usage.cached,
            "retries": usage.retries,
            "tokens_in": usage.tokens_in,
            "tokens_out": usage.tokens_out,
            "counted_by_server": usage.counted,
            "money": money(usage.tokens_in, usage.tokens_out, settings),
            "dropped": dict(sorted(usage.dropped.items())),
            "not_read": [one.name for one in self._unread],
            "seconds": round(time.monotonic() - self._started, 3),
        }


@contextmanager
def chosen(
    name: str | None, options: Options, replies: Replies | None = None
) -> Iterator[Built | Asking]:
    """The reader of a name, by a command's options; `llm` is closed afterwards."""
    if name != LLM:
        from caveat.errors import InputError
        from caveat.tag import READERS, load_reader

        if name is not None and name not in READERS:
            known = ", ".join((*READERS, LLM))
            raise InputError(f"no reader is called {name!r}; known: {known}")
        yield Built(load_reader(name) if name else load_reader())
        return
    with asking(options, replies) as found:
        yield found


@contextmanager
def asking(options: Options, replies: Replies | None = None) -> Iterator[Asking]:
    """The reader by language model, by a command's options and the environment."""
    from caveat.tag.llm import LlmReader, ReplyFile, settings_from

    settings = settings_from(
        os.environ, url=options.url, model=options.model, offline=options.offline, cap=options.cap
    )  # fmt: skip
    file = ReplyFile(options.cache) if options.cache is not None else None
    try:
        store = replies or file
        with LlmReader(settings, store) as reader:
            yield Asking(reader, options, store)
    finally:
        if file is not None:
            file.close()


def exit_if(unread: bool) -> None:
    """A batch goes on past what the model did not answer, but is not done."""
    if unread:
        raise typer.Exit(NOT_ALL_READ)


def _announce(estimate: Estimate, settings: Settings, replies: Replies | None) -> None:
    if replies is None or replies.first_use(settings.shown):
        away = "on this machine" if settings.is_local else "to be read on another machine"
        _note(f"first use: article texts will be sent to {settings.shown}, {away}")
    if settings.is_open:
        _note("the connection is not encrypted: whoever carries it can read the texts")
    price = estimate.money(settings)
    cost = "" if price is None else f", about {price:,.2f} by the prices set"
    _note(
        f"{estimate.requests} passages of {estimate.articles} articles for {settings.model} at "
        f"{settings.shown}: about {estimate.tokens_in:,} tokens in and {estimate.tokens_out:,} out"
        f"{cost}; {estimate.cached} more are answered by kept replies"
    )
    if settings.cap is not None and settings.cap < estimate.tokens:
        _note(f"the cap of {settings.cap:,} tokens will leave some of them unasked")


def _ask_leave(settings: Settings, *, yes: bool) -> None:
    """Texts do not leave the machine, nor money the purse, before somebody agrees."""
    from caveat.errors import NotAsked

    if yes or settings.is_local:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        to = settings.shown
        raise typer.BadParameter(f"nobody is here to ask: say --yes to send texts to {to}")
    if not typer.confirm("Send them?", err=True):
        raise NotAsked("nothing was sent")


@contextmanager
def _ticking(total: int) -> Iterator[Callable[[], None]]:
    """A progress line on standard error while it is a terminal; nothing elsewhere."""
    from caveat.show.terminal import consoles

    err = consoles()[1]
    if not err.is_terminal:
        yield lambda: None
        return
    done = 0
    status = err.status(f"asking: 0 of {total} articles")

    def tick() -> None:
        nonlocal done
        done += 1
        status.update(f"asking: {done} of {total} articles")

    with status:
        yield tick


def _bill(report: Mapping[str, Any]) -> str:
    by = "" if report["counted_by_server"] else " (partly by our own count)"
    cost = "" if report["money"] is None else f", {report['money']:,.2f} by the prices set"
    dropped = ", ".join(f"{n} {reason}" for reason, n in report["dropped"].items()) or "nothing"
    return (
        f"{report['requests']} questions asked ({report['retries']} retries), "
        f"{report['from_kept_replies']} answered by kept replies; {report['tokens_in']:,} tokens "
        f"in, {report['tokens_out']:,} out{by}{cost}, {report['seconds']:.1f} s; dropped: {dropped}"
    )


def _note(text: str) -> None:
    from caveat.show.terminal import plain

    typer.echo(f"caveat: {plain(text)}", err=True)
