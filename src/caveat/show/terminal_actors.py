"""Actors, conflicts and what stands behind a position, on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from caveat.ask import Conflict, GroupClaim, Held
from caveat.model import Actor
from caveat.register import Background, Identity, Link, Merges, Proposal, Voice
from caveat.show.identities import About, Listed, ListedProposition, day_of
from caveat.show.terminal import ID_LENGTH, stance_text, words
from caveat.show.words import name_of, plural, source_words, speaker_words, when_words
from caveat.undertaking import Undertaking

Actors = Mapping[str, Actor]


def _grid(*columns: str, header: bool = True) -> Table:
    table = Table(box=None, show_header=header, padding=(0, 2, 0, 0), header_style="dim",
                  pad_edge=False)  # fmt: skip
    for name in columns:
        table.add_column(name, overflow="fold", no_wrap=name in ("positions", "score", "day"))
    return table


def link_words(link: Link) -> str:
    """ "prime minister of iso:GB until 6 September 2022, then per:liz-truss (4 articles)"."""
    since, until = day_of(link.since), day_of(link.until)
    time = f" from {since}" if since else ""
    if until:
        time += f" until {until}" + (f", then {link.successor}" if link.successor else "")
    return f"{link.role} ({link.party}){time}, {plural(len(link.articles), 'article')}"


def show_listed(console: Console, found: Sequence[Listed]) -> None:
    """The list of actors."""
    table = _grid("actor", "id", "positions", "also", "speaks for")
    for x in found:
        also = [i for i in x.ids if i != x.actor.id]
        table.add_row(
            words(x.actor.name, "bold"),
            words(x.actor.id, "dim"),
            str(x.positions or "–"),
            words(", ".join(also), "dim"),
            words("; ".join(link_words(link) for link in x.links)),
        )
    console.print(table)
    console.print(f"{plural(len(found), 'actor')}; `caveat actors show ID` tells more", style="dim")


def show_about(console: Console, found: About) -> None:
    """One actor."""
    x = found.listed
    console.print(words(x.actor.name, "bold").append(f"  {x.actor.id}, {x.actor.type}", "dim"))
    own = "" if x.actor.type in ("state", "bloc") else " as holder in its own name"
    console.print(words(plural(x.positions, "position") + own))
    for title, lines in (
        ("speaks for", [link_words(link) for link in x.links]),
        ("joined", [_proposal_words(p) for p in found.joined]),
        ("may be one with", [_proposal_words(p) for p in found.proposals]),
        ("decided", [f"{d.number}: {d.one} and {d.other}: {d.verdict}, by {d.who}"
                     + (f", {d.why}" if d.why else "") for d in found.decisions]),
    ):  # fmt: skip
        if lines:
            console.print(f"\n{title}", style="dim")
            for line in lines:
                console.print(Padding(words(line), (0, 2)))


def _proposal_words(p: Proposal) -> str:
    return f"{p.one} and {p.other}: {p.reason} ({p.score:.2f})"


def show_merges(console: Console, found: Merges) -> None:
    """Proposals that wait, those taken unasked, and decisions."""
    for title, proposals in (("waiting for a person", found.open), ("joined", found.taken)):
        console.print(f"{title}: {len(proposals)}", style="bold")
        table = _grid("score", "one", "other", "reason")
        for p in proposals:
            table.add_row(f"{p.score:.2f}", words(p.one), words(p.other), words(p.reason))
        if proposals:
            console.print(table)
    console.print(f"decided: {len(found.decided)}", style="bold")
    for d in found.decided:
        line = f"{d.number}: {d.one} and {d.other}: {d.verdict}, by {d.who}, {d.at}"
        console.print(Padding(words(line + (f": {d.why}" if d.why else "")), (0, 2)))


def show_propositions(
    console: Console, found: Sequence[ListedProposition], undertaking: Undertaking
) -> None:
    """Each proposition with its number of positions, its words, and what is one with it."""
    if not found:
        console.print("no position depends on anything")
        return
    foreseen = {r.id for r in undertaking.propositions}
    table = _grid("positions", "proposition", "in the texts' words", "one with it")
    for p in found:
        style = "bold" if p.name.partition("(")[0] in foreseen else ""
        table.add_row(
            str(p.positions), words(p.name, style), words("; ".join(p.words)),
            words(", ".join(p.wordings)),
        )  # fmt: skip
    console.print(table)
    console.print(
        "bold: foreseen by the undertaking; the others are named by their words", style="dim"
    )


# ------------------------------------------------------------------ caveat why


def show_background(console: Console, found: Background, actors: Actors) -> None:
    """The chain of voices, the origin with its copies, and who is meant."""
    console.print("\nchain", style="dim")
    chain = Text("  ")
    for n, voice in enumerate(found.chain):
        chain.append(" ← " if n else "", style="dim").append_text(_voice(voice, actors))
    console.print(chain)
    others = found.same_origin
    articles = {e.article_id for e in others} - {found.entry.article_id}
    console.print("\norigin", style="dim")
    carried = f", carried by {plural(len(articles), 'other article')}" if articles else ""
    console.print(words(f"  {found.entry.origin}{carried}"))
    for e in others:
        other = words(f"    {e.id[:ID_LENGTH]}  {when_words(e.reported)}  {source_words(e)}: ")
        console.print(other.append_text(stance_text(e)).append(f" {e.position.kind}"))
    console.print("\nwho is meant", style="dim")
    for one in found.identities:
        for line in _identity_lines(one, actors):
            console.print(words(line))


def _voice(voice: Voice, actors: Actors) -> Text:
    shown = words(voice.words or "the outlet, unnamed", "bold" if voice.step == "speaker" else "")
    notes: list[str] = [voice.step]
    if voice.actor and name_of(voice.actor, actors) != voice.words:
        notes.append(name_of(voice.actor, actors))
    if voice.cue:
        notes.append(f"“{voice.cue}”")
    if voice.anonymous:
        notes.append("anonymous")
    return shown.append_text(words(f" ({', '.join(notes)})", "dim"))


def _identity_lines(one: Identity, actors: Actors) -> Iterable[str]:
    stands = name_of(one.stands_as, actors)
    party = f", stands as {name_of(one.party, actors)}" if one.party != one.stands_as else ""
    yield f"  {one.role} “{one.words}”: {stands}{party} (by {one.how})"
    for why in one.joined:
        yield f"    one name: {why}"
    for link in one.links:
        yield f"    post: {link_words(link)}"
    for g in one.grounds:
        told = (g.outlet, g.reported and g.reported.isoformat(), g.title and f"“{g.title}”")
        where = "this article" if g.here else ", ".join(x for x in told if x)
        yield f"    “{g.words}” in {where or 'an article without title'}: {g.role}"


# ------------------------------------------------------------------ caveat conflicts


def show_conflicts(console: Console, found: Sequence[Conflict], actors: Actors) -> None:
    """Each conflict with both sides' words, dates and origins."""
    if not found:
        console.print("no conflicts")
        return
    for c in found:
        name = name_of(c.holder, actors) if c.holder else "numbers of parties"
        console.print(words(name, "bold").append(f"  {c.kind}: {c.why}", style="dim"))
        table = _grid("", "day", "said by", "words", "position", "origin")
        for side in c.sides:
            table.add_row(*_side(side, actors))
        console.print(Padding(table, (0, 2)))
    console.print(plural(len(found), "conflict"), style="dim")


def _side(side: Held | GroupClaim, actors: Actors) -> list[Text]:
    e = side.entry
    said = e.position.said or e.reported
    who = speaker_words(e, actors)
    quoted = side.wording if isinstance(side, GroupClaim) else e.sentence
    return [
        stance_text(e),
        words(when_words(said)),
        words(f"{who}, {source_words(e)}"),
        words(quoted),
        Text(e.id[:ID_LENGTH], style="dim"),
        Text(e.origin[:ID_LENGTH], style="dim"),
    ]
