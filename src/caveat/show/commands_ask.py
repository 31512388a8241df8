"""`caveat board`, `count`, `scenario`, `moves`, `changes`, `timeline`, `conflicts`, `why`."""

from __future__ import annotations

from typing import Annotated

import typer

from caveat.show.options import (
    AllOfOption,
    AnyKindOption,
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
    parse_day,
    tracked,
)
from caveat.show.output import print_json

# Typer reads parameters off the signature, and what they say is gathered by `asked` from the
# context: the functions look as if they left their arguments alone.
# ruff: noqa: ARG001, PLR0913, PLR0917


def board(
    context: typer.Context,
    as_of: AsOfOption = None,
    hindsight: HindsightOption = False,
    register: RegisterOption = None,
    json_: JsonOption = False,
) -> None:
    """Show who stands where on every kind.

    \b
    Example:
      caveat board --as-of 2026-01-07
    """
    from caveat.ask import gather_board

    with open_register(register) as held:
        undertaking = tracked(held)
        question = asked(context.params, undertaking, held, known=True)
        found, actors = gather_board(held, undertaking, question)
        ids = {id_ for c in found.cells.values() for id_ in c.positions}
        entries = held.positions(ids) if json_ else {}
        if json_:
            actors = held.actors()
    if json_:
        from caveat.show.shapes import board_object

        print_json(board_object(found, entries, actors))
    else:
        from caveat.show.terminal import consoles
        from caveat.show.terminal_count import show_board

        show_board(consoles()[0], found, actors)


def count(
    context: typer.Context,
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
    """Count who is willing, within bounds.

    The answer names everybody, and what would move it.

    \b
    Example:
      caveat count --kind troops --as-of 2026-01-07 --assume ceasefire
    """
    from caveat.ask import count as answer_count
    from caveat.ask import gather

    with open_register(register) as held:
        undertaking = tracked(held)
        question = asked(context.params, undertaking, held, known=True)
        found = gather(held, undertaking, question)
        left_out = held.left_out()
    actors = found.actors
    answer = answer_count(found.entries, actors, undertaking, question)
    if json_:
        from caveat.show.shapes import count_object

        print_json({**count_object(answer, actors), "left_out": left_out})
    else:
        from caveat.show.terminal import consoles
        from caveat.show.terminal_count import show_count
        from caveat.show.words import left_out_words

        console = consoles()[0]
        show_count(console, answer, actors, undertaking)
        if left_out:
            console.print(left_out_words(left_out), style="yellow")


def scenario(
    context: typer.Context,
    sets: Annotated[
        list[str],
        typer.Argument(
            metavar="ASSUMPTIONS",
            help="A set: ceasefire, or ceasefire+not:us-backstop. Repeatable.",
        ),
    ],
    kind: KindOption = None,
    all_of: AllOfOption = False,
    at_least: AtLeastOption = "ready",
    as_of: AsOfOption = None,
    hindsight: HindsightOption = False,
    assume: AssumeOption = None,
    reading: ReadingOption = "strict",
    register: RegisterOption = None,
    json_: JsonOption = False,
) -> None:
    """Count under several sets of assumptions, side by side.

    \b
    Example:
      caveat scenario ceasefire ceasefire+us-backstop --as-of 2026-01-07
    """
    from caveat.ask import compare, gather

    given = [[one.strip() for one in each.split("+") if one.strip()] for each in sets]
    with open_register(register) as held:
        undertaking = tracked(held)
        question = asked(context.params, undertaking, held, known=True)
        for each in given:  # what each set assumes must be known, too
            asked({**context.params, "assume": each}, undertaking, held, known=True)
        given = [[held.stands_as(name) for name in each] for each in given]
        gathered = gather(held, undertaking, question)
    actors = gathered.actors
    found = compare(gathered.entries, actors, undertaking, question, given)
    if json_:
        from caveat.show.shapes import scenario_objects

        print_json(scenario_objects(found, actors))
    else:
        from caveat.show.terminal import consoles
        from caveat.show.terminal_count import show_scenarios

        show_scenarios(consoles()[0], found, actors)


def moves(
    context: typer.Context,
    kind: KindOption = None,
    all_of: AllOfOption = False,
    at_least: AtLeastOption = "ready",
    as_of: AsOfOption = None,
    hindsight: HindsightOption = False,
    assume: AssumeOption = None,
    reading: ReadingOption = "strict",
    register: RegisterOption = None,
    json_: JsonOption = False,
) -> None:
    """Show what would move the answer: each open proposition by itself, and the best pair.

    \b
    Example:
      caveat moves --kind troops --as-of 2026-01-07
    """
    from caveat.ask import best_pair, gather
    from caveat.ask import count as answer_count

    with open_register(register) as held:
        undertaking = tracked(held)
        question = asked(context.params, undertaking, held, known=True)
        found = gather(held, undertaking, question)
    entries, actors = found.entries, found.actors
    answer = answer_count(entries, actors, undertaking, question)
    pair = best_pair(entries, actors, undertaking, question, answer)
    if json_:
        from caveat.show.shapes import moves_object

        print_json(moves_object(answer, pair))
    else:
        from caveat.show.terminal import consoles
        from caveat.show.terminal_count import show_moves

        show_moves(consoles()[0], answer, pair, actors, undertaking)


def changes(
    context: typer.Context,
    kind: KindOption = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            "--from",
            metavar="DATE",
            show_default=False,
            help="Only moves on or after this day.",
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            "--to",
            metavar="DATE",
            show_default=False,
            help="Only what was said and reported by this day.",
        ),
    ] = None,
    hindsight: HindsightOption = False,
    register: RegisterOption = None,
    json_: JsonOption = False,
) -> None:
    """Show who moved, in their own words.

    \b
    Example:
      caveat changes --kind troops --from 2025-09-01 --to 2026-01-07
    """  # fmt: skip
    from caveat.ask import changes as find_changes
    from caveat.ask import gather

    with open_register(register) as held:
        undertaking = tracked(held)
        question = asked(context.params, undertaking, held)
        gathered = gather(held, undertaking, question, whole=True)
    actors = gathered.actors
    found = find_changes(gathered.entries, actors, question, parse_day(since))
    if json_:
        from caveat.show.shapes import changes_object

        print_json(changes_object(found, actors))
    else:
        from caveat.show.terminal import consoles, show_changes

        show_changes(consoles()[0], found, actors)


def timeline(
    context: typer.Context,
    kind: KindOption = None,
    all_of: AllOfOption = False,
    at_least: AtLeastOption = "ready",
    since: Annotated[
        str | None,
        typer.Option(
            "--since", "--from", metavar="DATE", show_default=False, help="The first day."
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", "--to", metavar="DATE", show_default=False, help="The last day."),
    ] = None,
    assume: AssumeOption = None,
    reading: ReadingOption = "strict",
    points: Annotated[
        int, typer.Option("--points", min=2, help="Days shown at most, evenly spread.")
    ] = 60,
    register: RegisterOption = None,
    json_: JsonOption = False,
) -> None:
    """Show how the answer moved: its bounds day by day, and whose word moved them.

    Each line is the count of that day.

    \b
    Example:
      caveat timeline --kind troops --from 2025-03-01 --to 2026-01-07
    """
    from caveat.ask import gather
    from caveat.ask import timeline as find_timeline

    with open_register(register) as held:
        undertaking = tracked(held)
        question = asked(context.params, undertaking, held, known=True)
        gathered = gather(held, undertaking, question, whole=True)
    actors = gathered.actors
    found = find_timeline(gathered.entries, actors, undertaking, question, parse_day(since), points)
    if json_:
        from caveat.show.shapes import timeline_object

        print_json(timeline_object(found, actors))
    else:
        from caveat.show.terminal import consoles
        from caveat.show.terminal_time import show_timeline

        show_timeline(consoles()[0], found, actors)


def why(
    position: Annotated[
        str, typer.Argument(metavar="POSITION", help="The beginning of a position's id.")
    ],
    as_of: AsOfOption = None,
    register: RegisterOption = None,
    json_: JsonOption = False,
) -> None:
    """Show what a position rests on.

    The sentence with its words marked, the chain of voices, the origin and its copies, who is
    meant and by which evidence, and all that qualifies it.

    \b
    Example:
      caveat why 3f2a91bc
    """
    from caveat.ask import gather, standing_caveats

    with open_register(register) as held:
        entry = held.entry(position.strip().lower())
        undertaking, actors = tracked(held), held.actors()
        question = asked({"kind": [entry.position.kind], "as_of": as_of}, undertaking, held)
        found = gather(held, undertaking, question, whole=True)
        entry = standing_caveats(entry, found.entries, actors, undertaking, question)
        behind = held.background(entry)
    if json_:
        from caveat.show.shapes import background_object, entry_object

        print_json({**entry_object(entry, actors), **background_object(behind, actors)})
    else:
        from caveat.show.terminal import consoles, show_entry
        from caveat.show.terminal_actors import show_background

        show_entry(consoles()[0], entry, actors)
        show_background(consoles()[0], behind, actors)


def conflicts(
    context: typer.Context,
    kind: AnyKindOption = None,
    as_of: AsOfOption = None,
    hindsight: HindsightOption = False,
    without_outlet: WithoutOutletOption = None,
    register: RegisterOption = None,
    json_: JsonOption = False,
) -> None:
    """Show what cannot stand together: one holder's stances, and numbers of parties.

    A change of mind by the same voice is no conflict. Without --kind, on every kind.

    \b
    Example:
      caveat conflicts --as-of 2026-01-07
    """
    from caveat.ask import conflicts as find_conflicts
    from caveat.ask import gather
    from caveat.model import KINDS

    with open_register(register) as held:
        undertaking = tracked(held)
        question = asked({**context.params, "kind": kind or list(KINDS)}, undertaking, held)
        gathered = gather(held, undertaking, question, whole=True)
    actors = gathered.actors
    found = find_conflicts(gathered.entries, actors, undertaking, question)
    if json_:
        from caveat.show.shapes import conflicts_object

        print_json(conflicts_object(found, actors))
    else:
        from caveat.show.terminal import consoles
        from caveat.show.terminal_actors import show_conflicts

        out, notes = consoles()
        show_conflicts(out, found, actors)
        if as_of is None:
            days = undertaking.max_age_days
            notes.print(f"words older than {days} days are left out; --as-of asks for another day")
