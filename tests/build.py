"""Small articles, positions and findings by hand, for the tests of every stage.

    article = make_article("France is ready to send troops if a ceasefire holds.")
    position = make_position(
        article, "send troops", conditions=[("if", "a ceasefire holds", "ceasefire")]
    )
    with Register(path) as register:
        register.add(make_findings(article, position))

Words may be given wherever a span is asked for: they are looked up in the article's text, and a
word that is not there is an error. `make_report` does the three steps for one sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from caveat.model import (
    Actor,
    ActorType,
    Amount,
    Article,
    Attribution,
    Caveat,
    Condition,
    Findings,
    Interval,
    Mention,
    Part,
    Position,
    Relation,
    Resolution,
    Scope,
    Span,
    SpeaksFor,
    Stance,
    Time,
    Voice,
)

Words = str | Span
READER = "test-reader 1"
TYPES: dict[str, ActorType] = {"iso": "state", "org": "body", "per": "person", "out": "outlet"}


def day(text: str | date | Interval | None) -> Interval | None:
    """ "2025-03-02" as a day, "2025-03" as a month, "a/b" as a stretch; None stays None."""
    if text is None or isinstance(text, Interval):
        return text
    if isinstance(text, date):
        return Interval(text, text)
    if "/" in text:
        start, end = text.split("/")
        return Interval(
            date.fromisoformat(start) if start else None, date.fromisoformat(end) if end else None
        )
    if len(text) == 7:
        start_day = date.fromisoformat(f"{text}-01")
        year, month = divmod(start_day.year * 12 + start_day.month, 12)
        return Interval(start_day, date.fromordinal(date(year, month + 1, 1).toordinal() - 1))
    return Interval(date.fromisoformat(text), date.fromisoformat(text))


def span(article: Article, words: Words, start: int = 0) -> Span:
    """Where the words first stand at or after `start`; a span is returned as it is."""
    if isinstance(words, tuple):
        return words
    at = article.text.find(words, start)
    if at < 0:
        raise ValueError(f"{words!r} does not stand in {article.text!r}")
    return (at, at + len(words))


def spans(article: Article, words: Words | Iterable[Words] | None) -> tuple[Span, ...]:
    """Spans of one wording, of several, or none."""
    if words is None or words in ("", ()):
        return ()
    # the ignores: `_is_span` tells one span from several, which mypy cannot see
    if isinstance(words, str) or _is_span(words):
        return (span(article, words),)  # type: ignore[arg-type]
    return tuple(span(article, w) for w in words)  # type: ignore[union-attr]


def _is_span(value: object) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and all(type(v) is int for v in value)


def make_article(
    text: str = "France is ready to send troops.",
    *,
    outlet: str | None = "Test Post",
    published: str | date | Interval | None = "2025-03-02",
    url: str | None = None,
    title: str | None = None,
    **fields: Any,
) -> Article:
    """An article with one body part, dated 2 March 2025."""
    fields.setdefault("parts", (Part("body", (0, len(text))),) if text else ())
    return Article(
        text=text,
        title=title,
        outlet=outlet,
        url=url,
        published=day(published),
        published_from="option" if published else None,
        language="en",
        **fields,
    )


def make_position(  # noqa: PLR0913  (one keyword per field of the record)
    article: Article,
    action: Words = "send troops",
    *,
    holder: Words | Iterable[Words] | None = "France",
    actors: Sequence[str] = ("iso:FR",),
    stance: Stance = "ready",
    kind: str = "troops",
    negated: bool = False,
    voice: Voice = "reported",
    conditions: Iterable[tuple[Any, ...]] = (),
    amount: Iterable[tuple[Any, ...]] = (),
    time: Iterable[tuple[Any, ...]] = (),
    speaker: Words | None = None,
    speaker_actor: str | None = None,
    relay: Words | Iterable[Words] | None = None,
    addressee: Words | Iterable[Words] | None = None,
    beneficiary: Words | Iterable[Words] | None = None,
    sentence: Words | None = None,
    said: str | date | Interval | None = "published",
    scope: Scope | None = None,
    caveats: Iterable[Caveat] = (),
    confidence: float = 0.9,
    **fields: Any,
) -> Position:
    """A position; `conditions` are (relation, words[, proposition[, group]]), `amount` are
    (words, value, unit[, max[, bound]]), `time` are (words, start, end).

    The sentence is the whole text unless given; `said` is the article's date unless given.
    """
    made = [Condition(span(article, c[1]), c[0], *c[2:]) for c in conditions]
    amounts = [
        Amount(span(article, a[0]), a[1], a[3] if len(a) > 3 else None, a[2], *a[4:])
        for a in amount
    ]
    return Position(
        holder=spans(article, holder),
        holder_actors=tuple(actors),
        stance=stance,
        kind=kind,
        negated=negated,
        action=span(article, action),
        addressee=spans(article, addressee),
        beneficiary=spans(article, beneficiary),
        amount=tuple(amounts),
        time=tuple(Time(span(article, t[0]), t[1], t[2]) for t in time),
        conditions=tuple(made),
        speaker=None if speaker is None else span(article, speaker),
        speaker_actor=speaker_actor,
        relay=spans(article, relay),
        voice=voice,
        confidence=confidence,
        caveats=tuple(caveats),
        sentence=(0, len(article.text)) if sentence is None else span(article, sentence),
        said=article.published if said == "published" else day(said),
        scope=scope,
        **fields,
    )


def make_actor(id_: str, name: str | None = None, **fields: Any) -> Actor:
    """An actor whose type follows from its id: "iso:FR" is a state, "per:…" a person."""
    kind = fields.pop("type", TYPES.get(id_.split(":", maxsplit=1)[0], "group"))
    return Actor(id=id_, name=name or id_.split(":", 1)[1], type=kind, **fields)


def speaks_for(article: Article, speaker: str, party: str, words: Words = "") -> SpeaksFor:
    """Evidence that the speaker speaks for the party, resting on the words (the whole text)."""
    where = span(article, words) if words else (0, len(article.text))
    return SpeaksFor(speaker=speaker, party=party, span=where, role="spokesperson")


def make_findings(
    article: Article,
    *positions: Position,
    reader: str = READER,
    undertaking: str | None = None,
    actors: Iterable[Actor] = (),
    evidence: Iterable[SpeaksFor] = (),
    attributions: Iterable[Attribution] = (),
    attribution_actors: Iterable[str | None] = (),
    mentions: Iterable[Mention] = (),
    **fields: Any,
) -> Findings:
    """Findings with every actor that the positions and the evidence name."""
    known = {a.id: a for a in actors}
    proof, shown = tuple(evidence), tuple(mentions)
    for p in positions:
        named = (*p.holder_actors, *p.addressee_actors, *p.beneficiary_actors, *p.relay_actors)
        for id_ in (*named, *([p.speaker_actor] if p.speaker_actor else [])):
            known.setdefault(id_, make_actor(id_))
    for e in proof:
        known.setdefault(e.speaker, make_actor(e.speaker))
        known.setdefault(e.party, make_actor(e.party))
    if not shown:
        holders = [
            Mention(s, p.holder_actors, "by hand")
            for p in positions
            for s in p.holder[:1]
            if p.holder_actors
        ]
        shown = tuple({m.span: m for m in holders}.values())
    attributed = tuple(attributions)
    return Findings(
        article=article,
        reader=reader,
        undertaking=undertaking,
        attributions=attributed,
        attribution_actors=tuple(attribution_actors) or (None,) * len(attributed),
        positions=positions,
        resolution=Resolution(tuple(known.values()), shown, proof),
        **fields,
    )


def make_report(
    holder: str = "France",
    actor: str = "iso:FR",
    stance: Stance = "ready",
    *,
    kind: str = "troops",
    published: str | None = "2025-03-02",
    outlet: str | None = "Test Post",
    conditions: Sequence[tuple[Relation, str, str | None]] = (),
    reader: str = READER,
    **fields: Any,
) -> Findings:
    """Findings of one short report: "<holder> said on <action> …: <stance>" with one position."""
    asked = "".join(f" {relation} {words}" for relation, words, _ in conditions)
    article = make_article(
        f"{holder} is {stance} to send {kind}{asked}, {outlet} reported.",
        outlet=outlet,
        published=published,
    )
    position = make_position(
        article,
        f"send {kind}",
        holder=holder,
        actors=(actor,) if actor else (),
        stance=stance,
        kind=kind,
        conditions=conditions,
        **fields,
    )
    return make_findings(article, position, reader=reader)
