"""Counts and boards on a terminal, through Rich."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from caveat.ask import TIERS, Board, Cell, Count, GroupClaim, Held, Move, Scenario, Standing
from caveat.model import Actor
from caveat.show.figures import measured_words
from caveat.show.pictures import note_words
from caveat.show.terminal import ID_LENGTH, STANCE_STYLES, plain, stance_text, words
from caveat.show.words import (
    STANCE_CODES,
    TIER_WORDS,
    assumption_words,
    bounds_words,
    conditions_of,
    hanging_words,
    headline,
    name_of,
    series,
    size_words,
    source_words,
    speaker_words,
)
from caveat.undertaking import Undertaking

Actors = Mapping[str, Actor]


def show_count(console: Console, answer: Count, actors: Actors, undertaking: Undertaking) -> None:
    """The answer, its definition, and everything that it rests on or leaves beside."""
    console.print(Text(headline(answer, actors), style="bold"))
    console.print(words(answer.definition, "dim"))
    for tier in TIERS:
        found = answer.tier(tier)
        if found or tier == "firm":
            console.print()
            console.print(Text(f"{TIER_WORDS[tier]}: {len(found)}", style="bold"))
            console.print(_standings(found, actors)) if found else None
    if answer.group_claims:
        _heading(console, "said of unnamed groups, never added")
        console.print(_claims(answer.group_claims, actors))
    for title, held in (
        ("towards others", answer.towards_others),
        ("out of scope", answer.out_of_scope),
    ):
        if held:
            _heading(console, title)
            console.print(_held(held, actors))
    if lines := list(hanging_words(answer, actors)):
        _heading(console, "who hangs together")
        for line in lines:
            console.print(words(f"  {line}"))
    if answer.moves:
        _heading(console, "what would move it")
        console.print(_moves(answer.moves, actors, undertaking))
    console.print()
    console.print(words(_footing(answer), "dim"))


def _heading(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, style="bold"))


def _grid(*no_wrap: int, columns: int) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(width=0)
    for i in range(columns):
        table.add_column(overflow="fold", no_wrap=i in no_wrap)
    return table


def _standings(standings: Iterable[Standing], actors: Actors) -> Table:
    table = _grid(0, 3, columns=4)
    for s in sorted(standings, key=lambda s: name_of(s.holder, actors)):
        name = words(name_of(s.holder, actors), "bold")
        if not s.rests_on:
            table.add_row("", name)
        for i, h in enumerate(s.rests_on):
            table.add_row(
                "", name if i == 0 else "", _statement(h, s if i == 0 else None),
                *_where(h),
            )  # fmt: skip
    return table


def _statement(held: Held, standing: Standing | None = None) -> Text:
    text = stance_text(held.entry)
    for condition in conditions_of(held.entry):
        text.append(plain(f", {condition}"), style="magenta")
    if held.by_bloc:
        text.append("  by bloc", style="dim")
    if standing is not None:
        flags = [note_words(standing), "stale" if standing.stale else None]
        flags += ["later contradicted by others"] if standing.contradicted_by else []
        for flag in flags:
            text.append(f"  {flag}", style="yellow") if flag else None
    return text


def _where(held: Held) -> tuple[Text, Text]:
    return words(source_words(held.entry)), Text(held.entry.id[:ID_LENGTH], style="dim")


def _claims(claims: Sequence[GroupClaim], actors: Actors) -> Table:
    table = _grid(3, columns=4)
    for c in claims:
        size = size_words(c)
        said = words(f"“{c.wording}” ", "bold").append_text(stance_text(c.entry))
        for condition in conditions_of(c.entry):
            said.append(plain(f", {condition}"), style="magenta")
        compared = f"not comparable: {c.not_comparable}" if c.not_comparable else "comparable"
        table.add_row(
            "", said, words(f"{speaker_words(c.entry, actors)}; {source_words(c.entry)}"),
            words(f"{size}, {compared}" if size else compared, "dim"),
            Text(c.entry.id[:ID_LENGTH], style="dim"),
        )  # fmt: skip
    return table


def _held(held: Sequence[Held], actors: Actors) -> Table:
    table = _grid(0, 3, columns=4)
    for h in held:
        text = _statement(h)
        scope = h.entry.position.scope
        if scope is not None and not scope.inside:
            text.append(plain(f"  {scope.reason or 'out of scope'}"), style="yellow")
        table.add_row("", words(name_of(h.holder, actors), "bold"), text, *_where(h))
    return table


def _moves(moves: Sequence[Move], actors: Actors, undertaking: Undertaking) -> Table:
    table = _grid(1, columns=3)
    for m in moves:
        gains = series(name_of(a, actors) for a in m.gains_lower)
        leaves = series(name_of(a, actors) for a in m.leaves_upper)
        joins = series(name_of(a, actors) for a in m.joins_upper)
        told = "; ".join(
            f"{label} {who}"
            for label, who in (("firm:", gains), ("drops out:", leaves), ("comes in:", joins))
            if who
        )
        table.add_row(
            "", words(f"{m.assumption}  ({assumption_words(m.assumption, undertaking, actors)})"),
            Text(bounds_words(m.lower, m.upper), style="bold"), words(told),
        )  # fmt: skip
    return table


def _footing(answer: Count) -> str:
    voices = ", ".join(f"{n} {v}" for v, n in answer.voices)
    lines = [
        f"rests on {answer.rested_on} positions{f' ({voices})' if voices else ''}, "
        f"{answer.reviewed} reviewed by a person; the bounds are logical, not statistical"
    ]
    readers = sorted({h.entry.reader for s in answer.standings for h in s.rests_on})
    for reader in readers:
        if figures := measured_words(reader):
            lines.append(f"{reader}: {figures}")
    return "\n".join(lines)


# ------------------------------------------------------------------ caveat scenario, caveat moves


def show_scenarios(console: Console, found: Sequence[Scenario], actors: Actors) -> None:
    """Bounds and tiers side by side; only holders that are in some bound, or change their tier."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    table.add_column("")
    for s in found:
        table.add_column(plain(f"assume {s.assumption}" if s.assumption else "as asked"))
    table.add_row("firm", *(Text(str(len(s.answer.firm)), style="bold") for s in found))
    bounds = (bounds_words(s.answer.lower, s.answer.upper) for s in found)
    table.add_row("bounds", *(Text(b, style="bold") for b in bounds))
    tiers = [{x.holder: x for x in s.answer.standings} for s in found]
    holders = {h for t in tiers for h, x in t.items() if x.in_lower or x.in_upper}
    holders |= {h for h in tiers[0] if len({t[h].tier for t in tiers if h in t}) > 1}
    for holder in sorted(holders, key=lambda h: name_of(h, actors)):
        cells = [TIER_WORDS[t[holder].tier] if holder in t else "unheard" for t in tiers]
        table.add_row(words(name_of(holder, actors), "bold"), *cells)
    console.print(words(found[0].answer.definition, "dim"))
    console.print(table)


def show_moves(
    console: Console, answer: Count, pair: Move | None, actors: Actors, undertaking: Undertaking
) -> None:
    """What each open proposition would bring, most first, and the best pair."""
    console.print(Text(headline(answer, actors), style="bold"))
    console.print(words(answer.definition, "dim"))
    if not answer.moves:
        console.print("no open proposition would move it by itself")
    else:
        console.print(_moves(answer.moves, actors, undertaking))
    if pair is not None:
        _heading(console, "together")
        gains = series(name_of(a, actors) for a in pair.gains_lower)
        console.print(words(
            f"  {pair.assumption}: {bounds_words(pair.lower, pair.upper)}, firm: {gains}"
        ))  # fmt: skip


# ------------------------------------------------------------------ caveat board


def show_board(console: Console, board: Board, actors: Actors) -> None:
    """Actors × kinds; others' word in brackets, marks explained below."""
    if not board.actors:
        console.print("the register holds no current position of a named party")
        return
    table = _board(board, actors, short=False)
    unbounded = console.options.update(max_width=100_000)
    codes = console.measure(table, options=unbounded).maximum > console.width
    console.print(_board(board, actors, short=True) if codes else table)
    console.print()
    told = "(ready) only others say so   ? on conditions   ! disputed   ~ stale"
    if codes:
        told = "   ".join(f"{code} {stance}" for stance, code in STANCE_CODES.items()) + (
            "\n(Rd) only others say so   ? on conditions   ! disputed   ~ stale   - denied"
        )
    console.print(told, style="dim")


def _board(board: Board, actors: Actors, *, short: bool) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="dim", pad_edge=False)
    table.add_column("", no_wrap=not short)
    for kind in board.kinds:
        table.add_column(kind[:6] if short else kind, no_wrap=True)
    for actor in board.actors:
        row = (board.cells.get((actor, kind)) for kind in board.kinds)
        table.add_row(words(name_of(actor, actors), "bold"), *(_cell(c, short) for c in row))
    return table


def _cell(cell: Cell | None, short: bool) -> Text:
    if cell is None:
        return Text("·", style="dim")
    word = STANCE_CODES[cell.stance] if short else cell.stance
    if cell.negated:
        word = f"-{word}" if short else f"not {word}"
    marks = "?" * cell.conditional + "!" * cell.disputed + "~" * cell.stale
    style = STANCE_STYLES[cell.stance] if cell.own and not cell.negated else "dim italic"
    return Text(f"{word}{marks}" if cell.own else f"({word}{marks})", style=style)
