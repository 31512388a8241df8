"""`caveat propositions`: what positions depend on, and which wordings people take for one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from caveat.show.commands_actors import WhoOption, WhyOption, login
from caveat.show.options import JsonOption, RegisterOption, existing, open_register, tracked
from caveat.show.output import print_json

if TYPE_CHECKING:
    from caveat.register import Ruling

propositions = typer.Typer(
    name="propositions",
    no_args_is_help=False,
    rich_markup_mode=None,
    help="""List what positions depend on, most named first, with the wordings that are one.

    \b
    Examples:
      caveat propositions
      caveat propositions proposals
      caveat propositions join text:guns-silent ceasefire --why "the guns fall silent"
    """,
)

OneArgument = Annotated[
    str, typer.Argument(metavar="ONE", help="A proposition: ceasefire, text:guns-silent.")
]
OtherArgument = Annotated[str, typer.Argument(metavar="OTHER", help="The other one.")]


@propositions.callback(invoke_without_command=True)
def list_(
    context: typer.Context, register: RegisterOption = None, json_: JsonOption = False
) -> None:
    """List what positions depend on, most named first."""
    if context.invoked_subcommand is not None:
        return
    from caveat.show.identities import listed_propositions, proposition_objects

    with open_register(register) as held:
        found, undertaking = listed_propositions(held), tracked(held)
    if json_:
        print_json(proposition_objects(found))
    else:
        from caveat.show.terminal import consoles
        from caveat.show.terminal_actors import show_propositions

        show_propositions(consoles()[0], found, undertaking)


@propositions.command("proposals")
def proposals(register: RegisterOption = None, json_: JsonOption = False) -> None:
    """List pairs that may mean the same, those joined unasked, and what was decided.

    \b
    Example:
      caveat propositions proposals --json
    """
    from caveat.show.identities import merges_object

    with open_register(register) as held:
        found = held.wordings()
    if json_:
        print_json(merges_object(found))
    else:
        from caveat.show.terminal import consoles
        from caveat.show.terminal_actors import show_merges

        show_merges(consoles()[0], found)


@propositions.command("join")
def join(
    one: OneArgument,
    other: OtherArgument,
    why: WhyOption = "",
    by: WhoOption = None,
    register: RegisterOption = None,
    json_: JsonOption = False,
) -> None:
    """Say that two mean the same: they open and close together in every count.

    \b
    Example:
      caveat propositions join text:guns-silent ceasefire --why "the guns fall silent"
    """
    _decide(register, (one, other), "same", why, by, json_)


@propositions.command("split")
def split(
    one: OneArgument,
    other: OtherArgument,
    why: WhyOption = "",
    by: WhoOption = None,
    register: RegisterOption = None,
    json_: JsonOption = False,
) -> None:
    """Say that two do not mean the same, whatever else would join them.

    \b
    Example:
      caveat propositions split text:agreement-reached text:agreements-reached --why "two accords"
    """
    _decide(register, (one, other), "different", why, by, json_)


@propositions.command("undo")
def undo(
    one: OneArgument,
    other: OtherArgument,
    why: WhyOption = "",
    by: WhoOption = None,
    register: RegisterOption = None,
    json_: JsonOption = False,
) -> None:
    """Take back what was decided of two; both decisions stay on record.

    \b
    Example:
      caveat propositions undo text:guns-silent ceasefire
    """
    _decide(register, (one, other), "withdrawn", why, by, json_)


def _decide(
    place: str | None,
    pair: tuple[str, str],
    verdict: Ruling,
    why: str,
    by: str | None,
    as_json: bool,
) -> None:

    with existing(place) as register:
        number = register.decide_propositions(*pair, verdict, who=by or login(), why=why)
        register.refresh()
        stands = list(dict.fromkeys(register.stands_as(name) for name in pair))
    if as_json:
        print_json({"number": number, "one": pair[0], "other": pair[1], "verdict": verdict,
                    "stand_as": stands})  # fmt: skip
    else:
        words = {"same": "are one", "different": "are two", "withdrawn": "are undecided"}[verdict]
        stand = " and ".join(stands)
        typer.echo(f"decision {number}: {pair[0]} and {pair[1]} {words}; they stand as {stand}")
