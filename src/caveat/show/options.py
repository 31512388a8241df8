"""Options that several commands share, and what is made of them.

Only Typer is imported here: `caveat --help` must not wait for the libraries that read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from caveat.ask import Question
    from caveat.register import Register
    from caveat.undertaking import Undertaking


def parse_day(text: str | None) -> date | None:
    """A day such as 2026-01-07; anything else is an error of usage."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day; write it as 2026-01-07") from None


RegisterOption = Annotated[
    str | None,
    typer.Option(
        "--register", "-r", envvar="CAVEAT_REGISTER", metavar="PATH|URL", show_default=False,
        help="The register; by default register.db in the user's data folder.",
    ),
]  # fmt: skip
UndertakingOption = Annotated[
    str | None,
    typer.Option(
        "--undertaking", "-u", metavar="FILE|NAME", show_default=False,
        help="What is tracked: a TOML file, or a name that ships with Caveat.",
    ),
]  # fmt: skip
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DateOption = Annotated[
    str | None,
    typer.Option("--date", metavar="DATE", show_default=False,
                 help="The day all these articles were published, such as 2026-01-07."),
]  # fmt: skip
OutletOption = Annotated[
    str | None,
    typer.Option("--outlet", metavar="NAME", show_default=False,
                 help="The outlet of all these articles."),
]  # fmt: skip
KindOption = Annotated[
    list[str] | None,
    typer.Option("--kind", "-k", metavar="KIND", show_default="troops",
                 help="A kind or a set of kinds of the undertaking; any of several counts."),
]  # fmt: skip
AnyKindOption = Annotated[
    list[str] | None,
    typer.Option("--kind", "-k", metavar="KIND", show_default="every kind",
                 help="A kind or a set of kinds of the undertaking. Repeatable."),
]  # fmt: skip
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", show_default=False,
                 help="Only what was said and reported by this day."),
]  # fmt: skip
HindsightOption = Annotated[
    bool, typer.Option("--hindsight", help="With --as-of: also what was reported later.")
]
AllOfOption = Annotated[bool, typer.Option("--all-of", help="Each kind must be reached.")]
AtLeastOption = Annotated[
    str,
    typer.Option("--at-least", metavar="RUNG",
                 help="The rung to reach: considering, ready, pledged or done."),
]  # fmt: skip
AssumeOption = Annotated[
    list[str] | None,
    typer.Option("--assume", metavar="PROPOSITION", show_default=False,
                 help="Assume that it holds: ceasefire; or does not: not:ceasefire. Repeatable."),
]  # fmt: skip
VoiceOption = Annotated[
    list[str] | None,
    typer.Option("--voice", metavar="VOICE", show_default="quoted, reported",
                 help="Whose word counts: quoted, reported, third-party, anonymous. Repeatable."),
]  # fmt: skip
WithoutOutletOption = Annotated[
    list[str] | None,
    typer.Option("--without-outlet", metavar="NAME", show_default=False,
                 help="Leave an outlet out. Repeatable."),
]  # fmt: skip
BeneficiaryOption = Annotated[
    str | None,
    typer.Option("--beneficiary", metavar="ACTOR", show_default=False,
                 help="Only for this actor: an id (iso:UA) or a name (Ukraine)."),
]  # fmt: skip
ReviewedOption = Annotated[
    bool,
    typer.Option(
        "--reviewed-only", "--reviewed", help="Only positions that a person has reviewed."
    ),
]
ReadingOption = Annotated[
    str,
    typer.Option("--reading", metavar="READING", help="Of conditions: strict or generous."),
]


@contextmanager
def open_register(place: str | None) -> Iterator[Register]:
    """The register to ask, opened read-only."""
    from caveat.register import Register, default_path

    with Register(place or default_path(), read_only=True) as register:
        yield register


def existing(place: str | None) -> Register:
    """A register that is there already, opened for writing."""
    from caveat.errors import RegisterError
    from caveat.register import Register, default_path

    path = str(place or default_path())
    if "://" not in path and not Path(path).is_file():
        raise RegisterError(f"there is no register at {path}")
    return Register(path)


def tracked(register: Register) -> Undertaking:
    """The undertaking that a register keeps; the default one where it was read without."""
    from caveat.undertaking import load_undertaking

    return register.undertaking or load_undertaking()


def asked(
    given: Mapping[str, Any], undertaking: Undertaking, register: Register, *, known: bool = False
) -> Question:
    """The checked question out of a command's parameters (`Context.params`), by their names.

    Parameters that a command does not have take the question's defaults. With `known` it is
    held to what the register knows as well. Raises `QuestionError`.
    """
    from caveat.ask import Question, check, question

    default = Question()
    template = Question(
        all_of=given.get("all_of", default.all_of),
        at_least=given.get("at_least", default.at_least),
        as_of=parse_day(given.get("as_of")),
        hindsight=given.get("hindsight", default.hindsight),
        voices=tuple(dict.fromkeys(given.get("voice") or default.voices)),
        without_outlets=tuple(given.get("without_outlet") or ()),
        beneficiary=_actor_id(given.get("beneficiary"), register),
        reviewed_only=given.get("reviewed_only", default.reviewed_only),
        reading=given.get("reading", default.reading),
    )
    kinds = given.get("kind") or default.kinds
    assume = [register.stands_as(a.strip()) for a in given.get("assume") or ()]
    made = question(undertaking, kinds, assume, template=template)
    if known:
        check(made, register, undertaking)
    return made


def _actor_id(given: str | None, register: Register) -> str | None:
    """The id of an actor that is given by id or by name, whatever the case."""
    from caveat.errors import QuestionError

    if given is None:
        return None
    folded, actors = given.casefold(), register.actors()
    for id_, actor in actors.items():
        if folded in (id_.casefold(), actor.name.casefold()):
            return id_
    from caveat.ask import nearest

    names = (a.name for a in actors.values() if a.type != "group")
    raise QuestionError(f"the register knows nobody called {given!r}{nearest(given, names)}")
