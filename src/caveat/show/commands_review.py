"""`caveat review`: people check what machines read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from caveat.show.commands_actors import WhoOption, WhyOption, login
from caveat.show.options import AnyKindOption, JsonOption, RegisterOption, existing, tracked
from caveat.show.output import print_json

if TYPE_CHECKING:
    from caveat.register import Register, ReviewVerdict
    from caveat.show.reviewing import Sort

# Typer reads parameters off the signature.
# ruff: noqa: PLR0913, PLR0917


def review(
    position: Annotated[
        str | None,
        typer.Argument(metavar="[POSITION]", help="The beginning of a position's id."),
    ] = None,
    accept: Annotated[bool, typer.Option("--accept", help="It is right.")] = False,
    correct: Annotated[
        list[str] | None,
        typer.Option(
            "--correct",
            metavar="FIELD=VALUE",
            show_default=False,
            help="How it should read: stance=ready, holders=iso:FR,iso:GB, negated=no, "
            "said=2025-03-01, 'conditions=if:ceasefire;only_if:mandate'. Repeatable.",
        ),
    ] = None,
    reject: Annotated[bool, typer.Option("--reject", help="It is no such position.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take your last review of it back.")] = False,
    why: WhyOption = "",
    by: WhoOption = None,
    kind: AnyKindOption = None,
    second: Annotated[
        bool, typer.Option("--second", help="Those that somebody else has reviewed.")
    ] = False,
    disagreements: Annotated[
        bool, typer.Option("--disagreements", help="Those on which reviewers differ.")
    ] = False,
    list_: Annotated[bool, typer.Option("--list", help="List what was reviewed.")] = False,
    orphans: Annotated[
        bool, typer.Option("--orphans", help="List reviews whose position is gone.")
    ] = False,
    stats: Annotated[
        bool, typer.Option("--stats", help="Agreement of people, precision of the machine.")
    ] = False,
    two_person: Annotated[
        str | None,
        typer.Option(
            "--two-person",
            metavar="on|off",
            show_default=False,
            help="Whether a review counts only when a second person agrees.",
        ),
    ] = None,
    register: RegisterOption = None,
    json_: JsonOption = False,
) -> None:
    """Check positions one by one, what moves an answer first; one key each.

    Without POSITION it goes through those that wait: a accept, c correct a field, r reject,
    s skip, u undo, q quit. Every answer is kept at once, beside what the machine read.

    \b
    Example:
      caveat review --kind troops
      caveat review 3f2a91bc --correct stance=considering --why "only weighs it"
      caveat review --stats
    """  # fmt: skip
    who = by or login()
    with existing(register) as held:
        if two_person is not None:
            _set_two_person(held, two_person, json_)
        elif stats or list_ or orphans:
            _tell(held, "stats" if stats else "list" if list_ else "orphans", json_)
        elif position is not None:
            verdict = _verdict(accept, reject, undo, bool(correct))
            _one(held, position, verdict, correct or [], (who, why), json_)
        else:
            sort: Sort = "disagreements" if disagreements else "second" if second else "open"
            _go_through(held, who, sort, kind, json_)


def _verdict(accept: bool, reject: bool, undo: bool, correct: bool) -> ReviewVerdict:
    given: list[ReviewVerdict] = []
    given += ["accept"] if accept else []
    given += ["correct"] if correct else []
    given += ["reject"] if reject else []
    given += ["withdrawn"] if undo else []
    if len(given) != 1:
        raise typer.BadParameter("say one of --accept, --correct, --reject, --undo")
    return given[0]


def _set_two_person(held: Register, wanted: str, json_: bool) -> None:
    if wanted not in ("on", "off"):
        raise typer.BadParameter(f"{wanted!r}: --two-person is on or off")
    held.set_two_person(wanted == "on")
    held.refresh()
    told = "counts when a second person agrees" if wanted == "on" else "counts by itself"
    if json_:
        print_json({"two_person": wanted == "on"})
    else:
        typer.echo(f"a review {told}")


def _one(
    held: Register,
    position: str,
    verdict: ReviewVerdict,
    correct: list[str],
    by: tuple[str, str],
    json_: bool,
) -> None:
    from caveat.errors import UnknownPosition
    from caveat.show.reviewing import parse_changes

    ids = held.ids(position.strip().lower())
    if len(ids) != 1:
        many = f"{len(ids)} positions begin with {position!r}: give more of the id"
        raise UnknownPosition(many if ids else f"no current position begins with {position!r}")
    changes = parse_changes(correct) if correct else None
    number = held.review(ids[0], verdict, changes, who=by[0], why=by[1])
    held.refresh()
    if json_:
        print_json({"number": number, "position": ids[0], "verdict": verdict, "by": by[0]})
    else:
        typer.echo(f"review {number}: {ids[0][:8]} {verdict} by {by[0]}")


def _tell(held: Register, what: str, json_: bool) -> None:
    from caveat.register import stats
    from caveat.show.reviewing import review_object, reviewed_objects, stats_object
    from caveat.show.terminal import consoles
    from caveat.show.terminal_review import show_reviewed, show_reviews, show_stats

    found = held.reviewed()
    console = consoles()[0]
    if what == "stats":
        told = stats(found)
        print_json(stats_object(told)) if json_ else show_stats(console, told)
    elif what == "orphans":
        if json_:
            print_json([review_object(r) for r in found.orphans])
        else:
            show_reviews(console, found.orphans)
    elif json_:
        print_json(reviewed_objects(found))
    else:
        show_reviewed(console, found, held.two_person)


def _go_through(held: Register, who: str, sort: Sort, kind: list[str] | None, json_: bool) -> None:
    import sys

    from caveat.errors import QuestionError
    from caveat.model import KINDS
    from caveat.show.reviewing import Session, queue
    from caveat.show.terminal import consoles
    from caveat.show.terminal_review import Shown, show_done, show_queue

    undertaking, actors = tracked(held), held.actors()
    kinds = [k for name in kind or () for k in undertaking.kinds_of(name)] or list(KINDS)
    if bad := [k for k in kind or () if not undertaking.kinds_of(k)]:
        raise QuestionError(f"{bad[0]!r} is no kind and no set of kinds")
    waiting = queue(held, undertaking, actors, who, sort, kinds)
    console = consoles()[0]
    if json_:
        from caveat.show.shapes import entry_object

        print_json([{"why": w.why, "position": entry_object(w.entry, actors)} for w in waiting])
        return
    if not sys.stdin.isatty():
        show_queue(console, waiting, actors)
        return
    session = Session(held, who, typer.getchar, _line, Shown(console, held, actors))
    done = session.run(waiting)
    if done.verdicts:
        held.refresh()
    show_done(console, done)


def _line(prompt: str) -> str:
    answer: Any = typer.prompt(prompt, default="", show_default=False, prompt_suffix="")
    return str(answer)
