"""Positions that a person enters: a record of what was said, as the findings of a reading by hand.

The record's words (a quotation, or the person's own sentence for what a page says) become the text
of an article of their own, with its outlet, day and address; conditions and amounts that the words
do not hold follow them in square brackets, so that each stands somewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from caveat.commit import amounts, proposition, scope
from caveat.errors import BadRecord
from caveat.model import (
    KINDS,
    OWN_VOICES,
    RELATIONS,
    STANCES,
    VOICES,
    Actor,
    Article,
    Condition,
    Findings,
    Interval,
    Kind,
    Mention,
    Part,
    Position,
    Relation,
    Resolution,
    Scope,
    Span,
    SpeaksFor,
    Stance,
    Voice,
)
from caveat.resolve import actor_known, actor_named
from caveat.undertaking import Undertaking

HAND = "hand"
_NOBODY = re.compile(
    r"^(?:unnamed|anonymous|people)\b|\b(?:officials?|sources?|aides?|insiders?|diplomats?)$",
    re.IGNORECASE,
)
"""A speaker or first relay whom no name stands for."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a person enters. Parties are names, ISO codes or ids; `quote` are the words.

    Without `holders`, `group` are the words for an unnamed group. `voice` None: by whom the words
    come from, see `voice_of`. `own`: each holder's own word, as of a paper that all signed.
    """

    quote: str
    stance: Stance
    kind: Kind = "troops"
    holders: tuple[str, ...] = ()
    group: str | None = None
    group_size: tuple[int | None, int | None] | None = None
    negated: bool = False
    conditions: tuple[tuple[Relation, str], ...] = ()
    amount: str | None = None
    speaker: str | None = None
    speaks_for: str | None = None
    relay: tuple[str, ...] = ()
    voice: Voice | None = None
    own: bool = False
    reported: Interval | None = None
    said: Interval | None = None
    outlet: str | None = None
    url: str | None = None
    title: str | None = None
    place: str | None = None
    mission: str | None = None
    by: str = ""
    name: str = ""
    """Where it comes from: for messages, and kept with the article."""
    more: tuple[tuple[str, str], ...] = field(default=())
    """Columns of a table that no field takes, kept with the article."""


def findings_of(record: Record, undertaking: Undertaking | None) -> Findings:
    """The findings of a record. Raises `BadRecord` for what no field takes."""
    _check(record)
    # 1. the text, with what its words lack behind them
    text, spans = _text(record)
    article = Article(
        text=text, title=record.title, outlet=record.outlet, url=record.url,
        published=record.reported, published_from="option" if record.reported else None,
        language="en", parts=(Part("body", (0, len(text))),), name=record.name,
        extra=dict(record.more) | ({"recorded_by": record.by} if record.by else {}),
    )  # fmt: skip
    # 2. who holds it, who says so
    resolution, holders, speaker = _who(record, article)
    words = (0, len(record.quote))
    # 3. what it depends on, and where it stands
    conditions = tuple(
        Condition(
            spans[told],
            relation,
            proposition(article, spans[told], resolution, holders, undertaking)
            if undertaking
            else None,
        )
        for relation, told in record.conditions
    )
    position = Position(
        holder=(words,),
        holder_actors=holders,
        stance=record.stance,
        kind=record.kind,
        negated=record.negated,
        action=words,
        addressee=(),
        beneficiary=(),
        amount=amounts(text, spans[record.amount]) if record.amount else (),
        time=(),
        conditions=conditions,
        speaker=None,
        # of a paper that all signed nobody's word is another's
        speaker_actor=None if record.own else speaker,
        relay=(),
        voice=record.voice or voice_of(record, holders, speaker),
        confidence=1.0,
        caveats=(),
        sentence=(0, len(text)),
        said=record.said or (Interval(None, record.reported.end) if record.reported else None),
        scope=_scope(record, undertaking) if undertaking else None,
        group_size=record.group_size,
    )
    return Findings(
        article, HAND, undertaking.digest if undertaking else None, positions=(position,),
        resolution=resolution,
    )  # fmt: skip


def voice_of(record: Record, holders: Iterable[str], speaker: str | None) -> Voice:
    """Whose word it is, by who speaks and through whom.

    Nobody named, at the source of the relays or as speaker: `anonymous`. The holder's own speaker,
    a paper that all signed, or a holder that speaks without a person: `reported` (`quoted` where
    the record says so). A `done` act in the outlet's own voice: `reported`. Anybody else:
    `third-party`.
    """
    first = record.relay[0] if record.relay else ""
    if _NOBODY.search(first) and not first.lower().startswith("government"):
        return "anonymous"
    if record.speaker and _NOBODY.search(record.speaker):
        return "anonymous"
    if record.own or (speaker is not None and speaker in holders):
        return "reported"
    if speaker is None and not record.speaker and record.stance == "done":
        return "reported"
    return "third-party"


def party_named(name: str) -> str:
    """The id of a party by name, code or id. Raises `BadRecord` where nobody is called so."""
    found = actor_named(name)
    if found is None and ":" in name.strip():
        return name.strip()
    if found is None:
        raise BadRecord(f"{name!r} is no party that Caveat knows: give an id such as iso:FR")
    return found


def _check(record: Record) -> None:
    for what, value, known in (
        ("stance", record.stance, STANCES),
        ("kind", record.kind, KINDS),
        ("voice", record.voice or "reported", VOICES),
        *(("relation", relation, RELATIONS) for relation, _ in record.conditions),
    ):
        if value not in known:
            raise BadRecord(f"{value!r} is no {what}: one of {', '.join(known)}")
    if not record.quote.strip():
        raise BadRecord("a record has the words that it rests on")
    if not record.holders and not record.group:
        raise BadRecord("a record names its holders, or the words for an unnamed group")
    if record.own and record.voice not in (None, *OWN_VOICES):
        raise BadRecord(f"a holder's own word is not {record.voice}")


def _text(record: Record) -> tuple[str, dict[str, Span]]:
    text, spans = record.quote, {}
    extra = [(f"{relation}: {told}", told) for relation, told in record.conditions]
    extra += [(record.amount, record.amount)] if record.amount else []
    for shown, told in extra:
        at = record.quote.find(told)
        if at >= 0:
            spans[told] = (at, at + len(told))
            continue
        text += f" [{shown}]"
        spans[told] = (len(text) - 1 - len(told), len(text) - 1)
    for where in (record.place, record.mission):
        text += f" [{where}]" if where else ""
    return text, spans


def _who(record: Record, article: Article) -> tuple[Resolution, tuple[str, ...], str | None]:
    """The actors, the holders' ids, and the party whose word it is."""
    actors: dict[str, Actor] = {}
    whole = (0, len(article.text))
    holders = tuple(dict.fromkeys(party_named(h) for h in record.holders))
    for id_ in holders:
        actors[id_] = actor_known(id_)
    if not holders:
        group = f"grp:{article.id}"
        actors[group] = Actor(group, record.group or "", "group", anonymous=True)
        holders = (group,)
    party = party_named(record.speaks_for) if record.speaks_for else None
    evidence: tuple[SpeaksFor, ...] = ()
    if party is not None:
        actors.setdefault(party, actor_known(party))
    if record.speaker and not _NOBODY.search(record.speaker) and party is not None:
        person = "per:" + "-".join(re.findall(r"\w+", record.speaker.casefold()))
        actors[person] = Actor(person, record.speaker, "person")
        evidence = (SpeaksFor(person, party, whole, "speaks for it, by hand"),)
    mentions = (Mention((0, len(record.quote)), holders, "by hand"),)
    return Resolution(tuple(actors.values()), mentions, evidence), holders, party


def _scope(record: Record, undertaking: Undertaking) -> Scope:
    """Where the person says that it stands, in the undertaking's wordings or by a mission's id.

    The quotation's own words decide nothing: who enters a position sets it apart, or does not.
    """
    told = Article(text=" ".join(w for w in (record.place, record.mission) if w))
    whole = (0, len(told.text))
    found = scope(told, whole, whole, (), undertaking)
    for rule in undertaking.missions:
        if record.mission == rule.id:
            return Scope(found.place, rule.id, rule.inside, None if rule.inside else rule.label)
    return found
