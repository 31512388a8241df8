"""`caveat search`: words in evidence and articles."""

from __future__ import annotations

from typing import Annotated

import typer

from caveat.show.options import JsonOption, RegisterOption, open_register
from caveat.show.output import print_json


def search(
    words: Annotated[
        list[str],
        typer.Argument(metavar="WORDS", help='Words; in "quotation marks" side by side.'),
    ],
    most: Annotated[int, typer.Option("--most", min=1, help="Of each, at most.")] = 20,
    register: RegisterOption = None,
    json_: JsonOption = False,
) -> None:
    """Find positions by the words of their sentence or title, and articles by their text.

    \b
    Example:
      caveat search ceasefire parliament
      caveat search '"security guarantees"' --json
    """
    asked = " ".join(words)
    with open_register(register) as held:
        found = held.search(asked, most)
        ids = {h for e in found.positions for h in e.holders}
        actors = held.actors() if json_ else held.actors(ids)
    if json_:
        from caveat.show.contract import interval_object
        from caveat.show.shapes import entry_object

        print_json({
            "positions": [entry_object(e, actors) for e in found.positions],
            "articles": [
                {"id": a.article, "title": a.title, "outlet": a.outlet, "url": a.url,
                 "published": interval_object(a.published), "around": a.around}
                for a in found.articles
            ],
        })  # fmt: skip
    else:
        from caveat.show.terminal import consoles
        from caveat.show.terminal_review import show_found

        show_found(consoles()[0], found, actors)
