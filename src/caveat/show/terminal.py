"""Articles, single positions, changes and summaries on a terminal, through Rich."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from caveat.ask import Change
from caveat.model import Actor, Article, Entry, Findings, Position, Skipped
from caveat.show.marks import Role, attribution_marks, marked, pieces, position_marks
from caveat.show.words import (
    condition_words,
    conditions_of,
    day_words,
    name_of,
    plural,
    series,
    source_words,
    speaker_words,
    stance_words,
    when_words,
)

if TYPE_CHECKING:
    # the reading stages take long to load and `count` does not need them
    from caveat.run import Summary

ROLE_STYLES: Mapping[Role, str] = {
    "source": "bold green", "cue": "green", "content": "italic", "holder": "bold cyan",
    "action": "bold yellow", "condition": "magenta", "amount": "yellow", "speaker": "bold green",
    "relay": "underline green",
}  # fmt: skip

STANCE_STYLES: Mapping[str, str] = {
    "done": "bold white on blue", "pledged": "white on blue", "ready": "blue",
    "considering": "cyan", "refused": "bold red", "demands": "magenta", "opposes": "red",
    "threatens": "bold white on red",
}  # fmt: skip

ID_LENGTH = 8
"""Characters of an id that are shown; `why` takes any beginning that is unique."""
PIPE_WIDTH = 120
"""Columns where the output is no terminal and COLUMNS does not say."""
_CONTROLS = dict.fromkeys(
    (
        *(c for c in (*range(32), *range(127, 160)) if chr(c) not in "\n\t"),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    ),
    "\ufffd",
)
"""What could steer a terminal or turn the order of its words: escapes, bidirectional overrides."""


def consoles() -> tuple[Console, Console]:
    """Standard output and error; no colour where they are no terminal or NO_COLOR is set."""
    width = None if sys.stdout.isatty() or os.environ.get("COLUMNS") else PIPE_WIDTH
    options = {"highlight": False, "markup": False, "emoji": False}
    # the ignore: mypy takes each value of `options` for each of Console's parameters
    return Console(width=width, **options), Console(stderr=True, **options)  # type: ignore[arg-type]


def plain(text: str) -> str:
    """Text from outside, with nothing in it that could steer a terminal."""
    return text.translate(_CONTROLS)


def words(text: str, style: str = "") -> Text:
    """Text from outside as Rich takes it: no markup, no control characters."""
    return Text(plain(text), style=style)


def stance_text(entry: Entry) -> Text:
    """The stance in its colour."""
    return Text(stance_words(entry), style=STANCE_STYLES[entry.position.stance])


def legend() -> Text:
    """The roles, each in its style."""
    return Text(" ").join(
        Text(role, style=style) for role, style in ROLE_STYLES.items() if role != "speaker"
    )


# ------------------------------------------------------------------ caveat read


def show_findings(console: Console, findings: Findings) -> None:
    """The article with its words marked, and the table of its positions."""
    article = findings.article
    console.print(_title(article))
    if findings.skipped is not None:
        console.print(words(f"skipped: {findings.skipped}", "red"))
        return
    marks = attribution_marks(findings.attributions)
    for p in findings.positions:
        marks += position_marks(p)
    text = Text()
    for piece in pieces(article.text, marks):
        text.append(plain(piece.text), style=ROLE_STYLES[piece.role] if piece.role else "")
    text.rstrip()
    console.print()
    console.print(Padding(text, (0, 2)))
    console.print()
    if findings.attributions or findings.positions:
        console.print(Padding(legend(), (0, 2)))
    console.print(_positions(findings))
    count = plural(len(findings.positions), "position")
    console.print(
        f"{count}, {plural(len(findings.attributions), 'attribution')}, read by {findings.reader}",
        style="dim",
    )


def _title(article: Article) -> Text:
    about = [article.outlet or "no outlet named", when_words(article.published)]
    title = words(article.title or article.name or article.id, "bold")
    return title.append(plain(f"  {', '.join(about)}"), style="dim")


def _positions(findings: Findings) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for name, ratio in (
        ("holder", 4),
        ("stance", None),
        ("kind", None),
        ("action", 7),
        ("conditions", 5),
        ("by whose word", 5),
        ("caveats", 4),
    ):
        table.add_column(name, ratio=ratio, overflow="fold", no_wrap=ratio is None)
    for p in findings.positions:
        table.add_row(*_cells(findings, p))
    return table


def _cells(findings: Findings, p: Position) -> list[Text]:
    a = findings.article
    names = {x.id: x.name for x in findings.resolution.actors}
    who = series(names.get(h, h) for h in p.holder_actors)
    spoken = series(map(a.words, p.holder)) or "nobody named"
    conditions = "; ".join(condition_words(c, a.words(c.span)) for c in p.conditions)
    speaker = a.words(p.speaker) if p.speaker else ""
    relay = f" via {series(map(a.words, p.relay))}" if p.relay else ""
    stance = f"not {p.stance}" if p.negated else p.stance
    return [
        words(f"{spoken} ({who})" if who and who != spoken else spoken),
        Text(stance, style=STANCE_STYLES[p.stance]),
        Text(p.kind),
        words(a.words(p.action)),
        words(conditions),
        words(f"{speaker}{relay}: {p.voice}" if speaker + relay else p.voice),
        words(", ".join(c.name for c in p.caveats if c.name != p.voice), "dim"),
    ]


# ------------------------------------------------------------------ caveat add


def show_summary(console: Console, summary: Summary, place: str) -> None:
    """What a batch did, and what was left out and why."""
    parts = [
        f"{plural(summary.read, 'article')} read ({summary.new} new, {summary.known} known)",
        plural(summary.positions, "position"),
        *([f"{summary.undated} undated"] if summary.undated else []),
        f"{len(summary.skipped)} skipped",
        f"{summary.seconds:.1f} s",
    ]
    console.print(words(f"{', '.join(parts)} → {place}"))
    for line in skip_lines(summary.skipped):
        console.print(words(f"  {line}"))


def skip_lines(skipped: Sequence[Skipped], most: int = 20) -> list[str]:
    """One line for each skipped input, at most `most` and then how many more."""
    lines = [f"skipped {skip_words(s)}" for s in skipped[:most]]
    if len(skipped) > most:
        lines.append(f"and {len(skipped) - most} more skipped")
    return lines


def skip_words(skipped: Skipped) -> str:
    """ "notes.txt: language (French)"."""
    detail = f" ({skipped.detail})" if skipped.detail else ""
    return f"{skipped.name}: {skipped.reason}{detail}"


# ------------------------------------------------------------------ caveat why, caveat changes


def show_entry(console: Console, entry: Entry, actors: Mapping[str, Actor]) -> None:
    """One position with its sentence, its words marked, and all that qualifies it."""
    p = entry.position
    holders = series(name_of(h, actors) for h in entry.holders) or "nobody named"
    head = words(holders, "bold").append("  ")
    head.append_text(stance_text(entry)).append(f"  {p.kind}", style="dim")
    console.print(head)
    sentence = Text()
    for piece in marked(entry):
        sentence.append(plain(piece.text), style=ROLE_STYLES[piece.role] if piece.role else "")
    console.print(Padding(sentence, (1, 2)))
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _facts(entry, actors):
        table.add_row(name, words(value))
    console.print(table)
    if p.caveats:
        console.print("\ncaveats", style="dim")
        for caveat in p.caveats:
            console.print(Text("  ").append(caveat.name, style="bold").append(
                f": {plain(caveat.why)}"))  # fmt: skip


def _facts(entry: Entry, actors: Mapping[str, Actor]) -> Iterable[tuple[str, str]]:
    p = entry.position
    yield "id", entry.id
    yield "holder", series(entry.holder_words) or "nobody named"
    yield "action", entry.action_words
    for words_, c in zip(conditions_of(entry), p.conditions, strict=False):
        yield "condition", f"{words_}  [{c.proposition or 'no proposition'}]"
    if entry.amount_words:
        yield "amount", "; ".join(entry.amount_words)
    if p.beneficiary_actors:
        yield "beneficiary", series(name_of(a, actors) for a in p.beneficiary_actors)
    if p.addressee_actors:
        yield "addressee", series(name_of(a, actors) for a in p.addressee_actors)
    yield "speaker", speaker_words(entry, actors)
    yield "voice", p.voice
    yield "said", when_words(p.said)
    yield "reported", when_words(entry.reported)
    yield "article", f"{entry.title or 'no title'} ({source_words(entry)})"
    if entry.url:
        yield "link", entry.url
    yield "scope", _scope_words(p)
    yield "origin", entry.origin
    yield "reader", f"{entry.reader}, {'reviewed' if entry.reviewed else 'not reviewed'}"


def _scope_words(p: Position) -> str:
    if p.scope is None:
        return "read without an undertaking"
    where = ", ".join(x for x in (p.scope.place, p.scope.mission) if x)
    state = "in scope" if p.scope.inside else f"out of scope: {p.scope.reason or 'no reason'}"
    return f"{state} ({where})" if where else state


def show_changes(console: Console, changes: Sequence[Change], actors: Mapping[str, Actor]) -> None:
    """Each actor's moves in order of time."""
    if not changes:
        console.print("no moves")
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("actor", "kind", "day", "before", "after", "position"):
        table.add_column(name, overflow="fold", no_wrap=name in ("day", "position"))
    for c in changes:
        table.add_row(
            words(name_of(c.actor, actors)), c.kind, day_words(c.day),
            _with_conditions(c.before.entry) if c.before else Text("–", style="dim"),
            _with_conditions(c.after.entry), Text(c.after.entry.id[:ID_LENGTH], style="dim"),
        )  # fmt: skip
    console.print(table)


def _with_conditions(entry: Entry) -> Text:
    text = stance_text(entry)
    for condition in conditions_of(entry):
        text.append(plain(f", {condition}"), style="magenta")
    return text
