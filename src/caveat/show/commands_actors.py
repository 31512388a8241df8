"""`caveat actors`: who is who, who speaks for whom, and what people decide of it."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from caveat.show.options import JsonOption, RegisterOption, existing, open_register
from caveat.show.output import print_json

if TYPE_CHECKING:
    from caveat.register import Register, Ruling

actors = typer.Typer(
    name="actors",
    no_args_is_help=False,
    rich_markup_mode=None,
    help="""List the actors: their names, their positions, for whom they speak.

    \b
    Examples:
      caveat actors
      caveat actors show zelensky
      caveat actors proposals
      caveat actors join per:zelensky per:volodymyr-zelenskyy --why "same president"
    """,
)

WhoOption = Annotated[
    str | None,
    typer.Option("--by", metavar="NAME", show_default="your login", help="Who decides."),
]
WhyOption = Annotated[
    str, typer.Option("--why", metavar="REASON", show_default=False, help="The reason.")
]
OneArgument = Annotated[
    str, typer.Argument(metavar="ONE", help="An actor's id, or a name that only one has.")
]
OtherArgument = Annotated[str, typer.Argument(metavar="OTHER", help="The other one's.")]


@actors.callback(invoke_without_command=True)
def list_(
    context: typer.Context, register: RegisterOption = None, json_: JsonOption = False
) -> None:
    """List everybody who holds a position or speaks, most positions first."""
    if context.invoked_subcommand is not None:
        return
    from caveat.show.identities import listed, listed_objects

    with open_register(register) as held:
        found = listed(held)
    if json_:
        print_json(listed_objects(found))
    else:
        from caveat.show.terminal import consoles
        from caveat.show.terminal_actors import show_listed

        show_listed(consoles()[0], found)


@actors.command("show")
def show(actor: OneArgument, register: RegisterOption = None, json_: JsonOption = False) -> None:
    """Show one actor: names that were joined, posts with their times, open proposals.

    \b
    Example:
      caveat actors show "Boris Johnson"
    """
    from caveat.show.identities import about, about_object

    with open_register(register) as held:
        found = about(held, actor)
    if json_:
        print_json(about_object(found))
    else:
        from caveat.show.terminal import consoles
        from caveat.show.terminal_actors import show_about

        show_about(consoles()[0], found)


@actors.command("proposals")
def proposals(register: RegisterOption = None, json_: JsonOption = False) -> None:
    """List pairs that may be one actor, the surest first, and those joined unasked.

    \b
    Example:
      caveat actors proposals --json
    """
    from caveat.show.identities import merges_object

    with open_register(register) as held:
        found = held.merges()
    if json_:
        print_json(merges_object(found))
    else:
        from caveat.show.terminal import consoles
        from caveat.show.terminal_actors import show_merges

        show_merges(consoles()[0], found)


@actors.command("join")
def join(
    one: OneArgument,
    other: OtherArgument,
    why: WhyOption = "",
    by: WhoOption = None,
    register: RegisterOption = None,
    json_: JsonOption = False,
) -> None:
    """Say that two are one actor.

    \b
    Example:
      caveat actors join per:johnson per:boris-johnson --why "prime minister in the text"
    """
    _decide(register, (one, other), "same", why, by, json_)


@actors.command("split")
def split(
    one: OneArgument,
    other: OtherArgument,
    why: WhyOption = "",
    by: WhoOption = None,
    register: RegisterOption = None,
    json_: JsonOption = False,
) -> None:
    """Say that two are different actors, whatever else would join them.

    \b
    Example:
      caveat actors split per:johnson per:boris-johnson --why "the Speaker is meant"
    """
    _decide(register, (one, other), "different", why, by, json_)


@actors.command("undo")
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
      caveat actors undo per:johnson per:boris-johnson
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
    from caveat.show.identities import found_id

    with existing(place) as register:
        one, other = (found_id(register, given) for given in pair)
        number = register.decide(one, other, verdict, who=by or login(), why=why)
        register.refresh()
        stands = _stands(register, one, other)
    if as_json:
        print_json({"number": number, "one": one, "other": other, "verdict": verdict,
                    "stand_as": stands})  # fmt: skip
    else:
        words = {"same": "are one", "different": "are two", "withdrawn": "are undecided"}[verdict]
        typer.echo(f"decision {number}: {one} and {other} {words}; they stand as {stands}")


def _stands(register: Register, one: str, other: str) -> str:
    same = register.merges().same
    return " and ".join(dict.fromkeys(same.get(id_, id_) for id_ in (one, other)))


def login() -> str:
    """The name of whoever is logged in."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"
