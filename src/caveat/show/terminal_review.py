"""Reviews on a terminal: a position in its article, what waits, what was said, how well it goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from caveat.model import Actor
from caveat.register import Found, Register, Review, Reviewed, Stats
from caveat.show.reviewing import KEYS, Done, Waiting
from caveat.show.terminal import ID_LENGTH, show_entry, stance_text, words
from caveat.show.words import name_of, plural, series, source_words, when_words

AROUND = 300
"""Characters of the article shown before and after the sentence."""


class Shown:
    """Shows what a session shows: a position with its surroundings, or a message."""

    def __init__(self, console: Console, register: Register, actors: Mapping[str, Actor]) -> None:
        self._console, self._register, self._actors = console, register, actors

    def __call__(self, what: Waiting | str, number: int, of: int) -> None:
        if isinstance(what, str):
            self._console.print(words(what, "yellow"))
            return
        e = what.entry
        self._console.rule(words(f"{number} of {of}: {what.why}", "dim"), align="left")
        text = self._register.article(e.article_id).text
        start, end = e.position.sentence
        before = ("… " if start > AROUND else "") + text[max(0, start - AROUND) : start].lstrip()
        after = text[end : end + AROUND].rstrip() + (" …" if len(text) > end + AROUND else "")
        self._console.print(words(before, "dim"))
        show_entry(self._console, e, self._actors)
        self._console.print(words(after, "dim"))
        for r in what.reviews:
            self._console.print(words(f"{r.who}: {said(r)}", "cyan"))
        self._console.print("  ".join(f"{k} {v}" for k, v in KEYS.items()), style="dim")


def said(r: Review) -> str:
    """ "correct: stance considering (only weighs it)"."""
    fields = r.content.get("corrected", ()) if r.verdict == "correct" else ()
    told = ", ".join(f"{name} {_shown(r.content[name])}" for name in fields)
    return r.verdict + (f": {told}" if told else "") + (f" ({r.why})" if r.why else "")


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_shown(v) for v in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value is None else str(value)


def show_queue(console: Console, waiting: Sequence[Waiting], actors: Mapping[str, Actor]) -> None:
    """What waits, where no terminal can ask."""
    if not waiting:
        console.print("nothing waits for a review")
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for name in ("id", "holder", "position", "why first", "sentence"):
        table.add_column(name, overflow="fold", no_wrap=name == "id")
    for w in waiting:
        holders = series(name_of(h, actors) for h in w.entry.holders)
        table.add_row(
            w.entry.id[:ID_LENGTH], words(holders or ", ".join(w.entry.holder_words)),
            stance_text(w.entry), words(w.why), words(w.entry.sentence),
        )  # fmt: skip
    console.print(table)
    console.print(
        f"{plural(len(waiting), 'position')}; run it in a terminal to answer", style="dim"
    )


def show_done(console: Console, done: Done) -> None:
    """What a session came to."""
    told = ", ".join(f"{n} {verdict}" for verdict, n in sorted(done.verdicts.items()))
    console.print(f"{told or 'nothing reviewed'}; {done.left} left")


def show_reviewed(console: Console, found: Reviewed, two_person: bool) -> None:
    """Each reviewed position with what people said of it."""
    if not found.outcomes:
        console.print("nothing is reviewed")
    for id_, outcome in sorted(found.outcomes.items()):
        state = "reviewers differ" if outcome.disagree else ""
        if outcome.counts is None and not outcome.disagree:
            state = "a second person is awaited"
        console.print(Text(id_[:ID_LENGTH]).append(f"  {state}" if state else "", style="yellow"))
        show_reviews(console, outcome.reviews)
    if two_person:
        console.print("two-person mode: a review counts when a second person agrees", style="dim")


def show_reviews(console: Console, reviews: Sequence[Review]) -> None:
    """Reviews, a line each."""
    if not reviews:
        console.print("none")
    for r in reviews:
        console.print(Padding(words(f"{r.number}  {r.at}  {r.who}: {said(r)}"), (0, 2)))


def show_stats(console: Console, found: Stats) -> None:
    """Precision of the machine on what was reviewed, and agreement between people."""
    console.print(words(
        f"reviewed: {found.positions} (accepted {found.accepted}, corrected {found.corrected}, "
        f"rejected {found.rejected})"
    ))  # fmt: skip
    if found.precision is not None:
        console.print(words(f"the machine had right in all: {100 * found.precision:.0f} %"))
    for name, n in sorted(found.fields.items(), key=lambda x: -x[1]):
        console.print(words(f"  {name} corrected in {n}"))
    if found.pairs:
        kappa = "" if found.kappa is None else f", corrected for chance {found.kappa:.2f}"
        console.print(words(
            f"two people on one position: {found.pairs}, of one mind {found.agreeing}{kappa}"
        ))  # fmt: skip
    else:
        console.print("no position was reviewed by two people", style="dim")


def show_found(console: Console, found: Found, actors: Mapping[str, Actor]) -> None:
    """What a search found: positions with their sentences, articles with some of their text."""
    if not found.positions and not found.articles:
        console.print("nothing found")
        return
    for e in found.positions:
        holders = series(name_of(h, actors) for h in e.holders) or ", ".join(e.holder_words)
        line = Text(e.id[:ID_LENGTH], style="dim").append(f"  {holders}  ", style="bold")
        console.print(line.append_text(stance_text(e)).append(f"  {e.position.kind}", style="dim"))
        console.print(Padding(words(e.sentence), (0, 4)))
        console.print(Padding(words(source_words(e), "dim"), (0, 4)))
    for a in found.articles:
        head = ", ".join(x for x in (a.title, a.outlet, when_words(a.published)) if x)
        console.print(words(f"{a.article[:ID_LENGTH]}  {head}", "bold"))
        console.print(Padding(words(a.around), (0, 4)))
    told = f"{plural(len(found.positions), 'position')}, {plural(len(found.articles), 'article')}"
    console.print(told, style="dim")
