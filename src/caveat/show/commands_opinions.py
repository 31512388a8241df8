"""`caveat opinions`, and the second opinions that `caveat add` asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from caveat.show.llm import Options, asking
from caveat.show.options import JsonOption, RegisterOption, open_register
from caveat.show.output import print_json

if TYPE_CHECKING:
    from rich.console import Console

    from caveat.model import Entry
    from caveat.register import Opinion, Register

_ORDER = ("disagree", "missing", "agree")
"""Disagreements first: they are what a person should look at."""
_NO_FIELDS = {"disagree": "", "missing": "finds no position", "agree": "in all fields"}


def opinions(
    all_: Annotated[
        bool, typer.Option("--all", help="Also those where both readers agree.")
    ] = False,
    register: RegisterOption = None,
    json_: JsonOption = False,
) -> None:
    """Show where a second reader reads a position differently.

    \b
    Example:
      caveat add reports/ --second-opinion
      caveat opinions
    """
    with open_register(register) as held:
        entries = {e.id: e for e in held.entries()}
        found = [(o, entries[o.position]) for o in held.opinions() if o.position in entries]
        texts = {e.article_id: "" for _, e in found}
        texts = {id_: held.article(id_).text for id_ in texts}
    shown = [(o, e) for o, e in found if all_ or o.verdict != "agree"]
    shown.sort(key=lambda pair: (_ORDER.index(pair[0].verdict), pair[0].position, pair[0].reader))
    if json_:
        print_json([_object(o, e, texts[e.article_id]) for o, e in shown])
        return
    from caveat.show.terminal import consoles

    out = consoles()[0]
    for o, e in shown:
        _show(out, o, e, texts[e.article_id])
    counts = {v: sum(o.verdict == v for o, _ in found) for v in _ORDER}
    show_opinion_counts(out, counts)


def second_opinions(store: Register, options: Options) -> tuple[dict[str, int], bool]:
    """Ask a model about what is unsure or decides a count: verdicts, and whether some are left."""
    from caveat.opinions import ask_opinions

    with asking(options, store) as by:
        found = ask_opinions(store, by.reader, by.ahead)
        unread = by.finish()
    return dict(found.verdicts), unread


def show_opinion_counts(console: Console, counts: Mapping[str, int]) -> None:
    """How many opinions agree, and how many do not."""
    told = ", ".join(f"{counts.get(v, 0)} {v}" for v in _ORDER)
    console.print(f"second opinions: {told}")


def _show(console: Console, o: Opinion, e: Entry, text: str) -> None:
    from rich.padding import Padding

    from caveat.show.terminal import ID_LENGTH, words

    head = words(f"{o.verdict}: {', '.join(o.differs) or _NO_FIELDS[o.verdict]}", "bold")
    console.print(head.append(f"  {e.id[:ID_LENGTH]}", style="dim"))
    console.print(Padding(words(e.sentence.strip()), (0, 2)))
    for reader, reading in ((e.reader, _own(e)), (o.reader, _other(o, text))):
        told = "; ".join(f"{name} {value}" for name, value in reading.items() if value)
        console.print(Padding(words(f"{reader}: {told or 'no position'}"), (0, 4)))
    console.print()


def _own(e: Entry) -> dict[str, str]:
    p = e.position
    pairs = zip(p.conditions, e.condition_words, strict=False)
    return {
        "holder": ", ".join(e.holder_words),
        "stance": f"not {p.stance}" if p.negated else p.stance,
        "kind": p.kind,
        "action": e.action_words,
        "conditions": "; ".join(f"{c.relation} {words}" for c, words in pairs),
        "speaker": e.speaker_words or "",
    }


def _other(o: Opinion, text: str) -> dict[str, str]:
    f = o.finding
    if f is None:
        return {}

    def said(span: list[int]) -> str:
        return " ".join(text[span[0] : span[1]].split())

    return {
        "holder": ", ".join(map(said, f["holder"])),
        "stance": f"not {f['stance']}" if f["negated"] else f["stance"],
        "kind": f["kind"],
        "action": said(f["action"]),
        "conditions": "; ".join(f"{c['relation']} {said(c['span'])}" for c in f["conditions"]),
        "speaker": said(f["speaker"]) if f["speaker"] else "",
    }


def _object(o: Opinion, e: Entry, text: str) -> dict[str, Any]:
    return {
        "position": o.position,
        "article": o.article,
        "verdict": o.verdict,
        "differs": list(o.differs),
        "sentence": e.sentence,
        "reader": e.reader,
        "reading": _own(e),
        "second_reader": o.reader,
        "second_reading": _other(o, text),
        "finding": o.finding,
    }
