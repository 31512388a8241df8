"""`caveat register`: what a register holds, articles that were retracted, copies and comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from caveat.show.commands_actors import WhoOption, WhyOption, login
from caveat.show.options import JsonOption, RegisterOption, existing, open_register
from caveat.show.output import print_json

if TYPE_CHECKING:
    from caveat.register import ArticleMark, Mark, Register

register = typer.Typer(
    name="register",
    no_args_is_help=False,
    rich_markup_mode=None,
    help="""What a register holds; retracted articles; copies and comparison.

    \b
    Examples:
      caveat register
      caveat register retract 3f2a91bc --why "the paper withdrew it"
      caveat register copy troops.db postgresql://localhost/troops
      caveat register diff troops.db backup.db
    """,
)

ArticleArgument = Annotated[
    str, typer.Argument(metavar="ARTICLE", help="The beginning of an article's id, or its URL.")
]
PlaceArgument = Annotated[str, typer.Argument(metavar="PATH|URL", help="A register.")]


@register.callback(invoke_without_command=True)
def show(
    context: typer.Context, register: RegisterOption = None, json_: JsonOption = False
) -> None:
    """Show what a register holds."""
    if context.invoked_subcommand is not None:
        return
    with open_register(register) as held:
        counts, marks, out = held.counts(), held.article_marks(), held.left_out()
        undertaking = held.undertaking
        about = {
            "place": held.place,
            "undertaking": undertaking.id if undertaking else None,
            "articles": counts.articles,
            "positions": counts.positions,
            "reviewed": len(held.reviewed().outcomes),
            "two_person": held.two_person,
            "skipped": dict(counts.skipped),
            "left_out": out,
            "marks": [_mark_object(m) for m in marks],
        }
    if json_:
        print_json(about)
        return
    for name in ("place", "undertaking", "articles", "positions", "reviewed"):
        typer.echo(f"{name}: {about[name] if about[name] is not None else '–'}")
    if about["two_person"]:
        typer.echo("a review counts when a second person agrees")
    for reason, n in counts.skipped.items():
        typer.echo(f"skipped: {n} ({reason})")
    if marks:
        typer.echo(f"positions of retracted and corrected articles, left out: {out}")
    for m in marks:
        where = m.title or m.name or m.article
        told = f" → {m.url}" if m.url else ""
        typer.echo(f"  {m.at}  {m.mark}  {m.article[:8]}  {where}{told}  ({m.who}: {m.why})")


def _mark_object(m: ArticleMark) -> dict[str, object]:
    return {"number": m.number, "article": m.article, "outlet": m.outlet, "title": m.title,
            "mark": m.mark, "url": m.url, "by": m.who, "why": m.why, "at": m.at}  # fmt: skip


@register.command("retract")
def retract(
    article: ArticleArgument,
    corrected: Annotated[
        bool, typer.Option("--corrected", help="It was corrected, not withdrawn.")
    ] = False,
    why: WhyOption = "",
    by: WhoOption = None,
    register: RegisterOption = None,
    json_: JsonOption = False,
) -> None:
    """Say that an article was retracted: its positions leave every count, and stay on record.

    \b
    Example:
      caveat register retract 3f2a91bc --why "the paper withdrew it"
    """
    _mark(register, article, "corrected" if corrected else "retracted", by, why, None, json_)


@register.command("restore")
def restore(
    article: ArticleArgument,
    why: WhyOption = "",
    by: WhoOption = None,
    register: RegisterOption = None,
    json_: JsonOption = False,
) -> None:
    """Take it back that an article was retracted or corrected.

    \b
    Example:
      caveat register restore 3f2a91bc
    """
    _mark(register, article, "restored", by, why, None, json_)


@register.command("archive")
def archive(
    article: ArticleArgument,
    url: Annotated[str, typer.Argument(metavar="URL", help="Where a copy is kept.")],
    by: WhoOption = None,
    register: RegisterOption = None,
    json_: JsonOption = False,
) -> None:
    """Keep the address of an archived copy beside an article's own.

    \b
    Example:
      caveat register archive 3f2a91bc https://example.org/copy
    """
    _mark(register, article, "archived", by, "", url, json_)


def _mark(
    place: str | None,
    article: str,
    mark: Mark,
    by: str | None,
    why: str,
    url: str | None,
    json_: bool,
) -> None:
    with existing(place) as held:
        id_ = _article(held, article)
        number = held.mark_article(id_, mark, who=by or login(), why=why, url=url)
        held.refresh()
        out = held.left_out()
    if json_:
        print_json({"number": number, "article": id_, "mark": mark, "left_out": out})
    else:
        typer.echo(f"{id_[:8]} {mark}; positions left out of the counts: {out}")


def _article(held: Register, given: str) -> str:
    from caveat.errors import RegisterError

    found = [a.id for a in held.articles() if a.id.startswith(given) or a.url == given]
    if len(found) != 1:
        told = "no article has" if not found else f"{len(found)} articles have"
        raise RegisterError(f"{told} the id or URL {given!r} in {held.place}")
    return found[0]


@register.command("copy")
def copy(source: PlaceArgument, target: PlaceArgument, json_: JsonOption = False) -> None:
    """Copy a register into a new one, every row, decision and review; then compare both.

    \b
    Example:
      caveat register copy troops.db backup.db
    """
    from caveat.register import Register, copy_register, digest

    with Register(source, read_only=True) as one, Register(target) as other:
        rows = copy_register(one, other)
        other.refresh()
        same = {k: v for k, v in digest(one).items() if k != "caveat_migrations"} == {
            k: v for k, v in digest(other).items() if k != "caveat_migrations"
        }
    if json_:
        print_json({"rows": rows, "same": same})
    else:
        told = "both are the same" if same else "they differ: `caveat register diff` tells where"
        typer.echo(f"{rows} rows copied; {told}")
    if not same:
        raise typer.Exit(1)


@register.command("diff")
def diff(one: PlaceArgument, other: PlaceArgument, json_: JsonOption = False) -> None:
    """Compare two registers table by table; exits with 1 where they differ.

    \b
    Example:
      caveat register diff troops.db backup.db
    """
    from caveat.register import Register, diff_registers

    with Register(one, read_only=True) as first, Register(other, read_only=True) as second:
        found = [d for d in diff_registers(first, second) if d.table != "caveat_migrations"]
    if json_:
        print_json([
            {"table": d.table, "rows": list(d.rows), "digests": list(d.digests), "same": d.same,
             "only_first": d.only_first, "only_second": d.only_second, "changed": d.changed}
            for d in found
        ])  # fmt: skip
    else:
        for d in found:
            if not d.same:
                typer.echo(
                    f"{d.table}: {d.rows[0]} and {d.rows[1]} rows; only in the first "
                    f"{d.only_first}, only in the second {d.only_second}, changed {d.changed}"
                )
        rows = sum(d.rows[0] for d in found)
        if all(d.same for d in found):
            typer.echo(f"the same: {rows} rows in {len(found)} tables")
    if not all(d.same for d in found):
        raise typer.Exit(1)
