"""Whom the marked spans mean: sources, relays, speakers, holders, addressees, beneficiaries.

Every marked span gets exactly one mention; where nobody can be told with reason, it has no
actors. Sources are settled first, since what is said hangs on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from caveat.model import Marks, Mention, Span
from caveat.resolve.again import Again
from caveat.resolve.describe import Link
from caveat.resolve.lexicon import words
from caveat.resolve.names import Run
from caveat.resolve.nouns import CUT, NOBODY, Found, Nouns
from caveat.resolve.pronouns import Pronouns, pronoun
from caveat.resolve.roles import Phrase
from caveat.resolve.scene import Scene

_PLURAL = ("s", "taliban", "majority")
_AND = frozenset(("and", "or"))


@dataclass(slots=True)
class Refer:
    """Settles marked spans one after the other and remembers what they meant."""

    scene: Scene
    by_start: dict[int, list[Phrase]]
    links: dict[int, Link]
    relays: frozenset[Span]
    parties: Mapping[str, str]
    pronouns: Pronouns = field(init=False)
    nouns: Nouns = field(init=False)

    def __post_init__(self) -> None:
        self.pronouns = Pronouns(self.scene, parties=self.parties)
        again = Again(self.scene, self.pronouns, self.parties)
        self.nouns = Nouns(self.scene, self.by_start, self.links, again, self.relays)

    def span(self, span: Span) -> Mention:
        """The mention of a marked span; one outside every token has no actors."""
        first, last = self.scene.text.tokens_in(span)
        found = self._words(first, last, span) if last > first else NOBODY
        mention = Mention(span, found.actors, found.how)
        plural = not found.named or len(found.actors) > 1 or self._many(found, last)
        self.pronouns.remember(mention, plural=plural)
        return mention

    def _many(self, found: Found, last: int) -> bool:
        """Whether a body or state is named as the people in it ("Republicans", "the Chadians")."""
        one = self.scene.actors.get(found.actors[0]) if len(found.actors) == 1 else None
        word = self.scene.text.lowers[last - 1] if last else ""
        hit = self.scene.ground.hit_to.get(last)
        people = hit is not None and hit.kind == "adjective"
        return one is not None and (one.type == "body" or people) and word.endswith(_PLURAL)

    def _words(self, first: int, last: int, span: Span) -> Found:
        text = self.scene.text
        if last - first == 1 and first not in self.scene.ground.hit_from:
            which = pronoun(text.words[first])
            if which is not None:
                actors, how = self.pronouns.settle(which, span, first)
                return Found(actors, how) if actors else NOBODY
        found = self._coordination(first, last) or self.nouns.single(first, last)
        return found or self.nouns.group(span)

    def _coordination(self, first: int, last: int) -> Found | None:
        """Settle "Britain and France" part by part, if every part is somebody."""
        if self.scene.text.lowers[first] in ("both", "either", "neither"):
            first += 1
        cuts = self._cuts(first, last)
        if not cuts or not any(joint for _, _, joint in cuts):
            return None
        parts = _between(first, last, cuts)
        found: list[Found] = []
        for n, (a, b) in enumerate(parts):
            one = self._part(a, b)
            inner = n + 1 < len(parts) and self._governed(a, b)
            if one is None or (not one.named and inner):
                return None  # "allies including Germany and Spain": one group
            if not one.named and self._nameless_role(a, b) and n + 1 < len(parts):
                continue  # "Trump's adviser and son-in-law Jared Kushner"
            found.append(one)
        if len(found) == 1 and found[0].named:
            return found[0]
        if len(found) < 2 or not any(f.named for f in found):
            return None
        if all(self._adjective(a, b) for a, b in parts[:-1]) and not found[-1].named:
            return None  # "US and European officials": the head belongs to both
        actors = tuple(dict.fromkeys(actor for f in found for actor in f.actors))
        return Found(actors, "coordination: " + "; ".join(f.how for f in found))

    def _governed(self, a: int, b: int) -> bool:
        return any(self.scene.text.lowers[i] in CUT for i in range(a, b))

    def _nameless_role(self, a: int, b: int) -> bool:
        return any(
            p.last == b and p.name is None and isinstance(p.owner, Run)
            for p in self.by_start.get(a, ())
        )

    def _part(self, a: int, b: int) -> Found | None:
        one = self.nouns.single(a, b)
        if one is None and b - a >= 1:
            lone = b - a == 1 and self.scene.text.lowers[a] in words("domain")
            return None if lone else self.nouns.group(self.scene.text.span(a, b))
        return one

    def _adjective(self, a: int, b: int) -> bool:
        hit = self.scene.ground.hit_from.get(a)  # no article before it: "U.S. and NATO officials"
        wide = b - a == 1 and self.scene.text.words[a] in words("wide")
        if hit is None or hit.last != b:
            return wide
        return hit.kind == "adjective" or self.scene.text.words[a].isupper()

    def _cuts(self, first: int, last: int) -> list[tuple[int, int, bool]]:
        """Places (end of a part, begin of the next, whether joined by "and") at the top level."""
        text, out = self.scene.text, []
        inside = self._wholes(first, last)
        for i in range(first + 1, last):
            if inside[i - first]:
                continue
            if text.lowers[i] in _AND and i + 1 < last:
                out.append((i, i + 1, True))
            elif text.gap(i) == " & ":
                out.append((i, i, True))
            elif text.gap(i) == ", " and text.lowers[i] not in _AND:
                out.append((i, i, False))
        return out

    def _wholes(self, first: int, last: int) -> bytearray:
        """Marks the tokens that stand within one name or one role phrase, not at its start."""
        inside = bytearray(last - first + 1)
        spans = [(h.first, h.last) for h in self.nouns.hits(first, last)]
        for i in range(first, last):
            for phrase in self.by_start.get(i, ()):
                a, b = self.scene.text.tokens_in(phrase.whole)
                spans.append((a, min(b, last)))
        for a, b in spans:
            for i in range(a + 1, b):
                inside[i - first] = 1
        return inside


def _between(first: int, last: int, cuts: list[tuple[int, int, bool]]) -> list[tuple[int, int]]:
    out, begin = [], first
    for end, following, _ in cuts:
        out.append((begin, end))
        begin = following
    return [(a, b) for a, b in [*out, (begin, last)] if b > a]


def marked(
    marks: Marks, carried_by: tuple[Span, ...]
) -> tuple[list[Span], list[Span], frozenset[Span]]:
    """Spans of sources and speakers, spans of all others, and which of these are relays.

    Agencies that the dateline or byline names are relays like those of the text.
    """
    first = [s for a in marks.attributions for s in a.source]
    first += [p.speaker for p in marks.positions if p.speaker is not None]
    relays = [*carried_by, *(s for a in marks.attributions for s in a.relay)]
    relays += [s for p in marks.positions for s in p.relay]
    rest = list(relays)
    for p in marks.positions:
        rest += [*p.holder, *p.addressee, *p.beneficiary]
    sources = sorted(set(first))
    return sources, sorted(set(rest) - set(sources)), frozenset(relays)


def refer(scene: Scene, links: list[Link], parties: Mapping[str, str]) -> list[Mention]:
    """One mention for every marked span that lies in the text.

    `parties` says for whom somebody speaks by the words of the article.
    """
    sources, others, relays = marked(scene.marks, scene.article.carried_by)
    by_phrase = {id(x.phrase): x for x in links}
    one = Refer(scene, _by_start(scene), by_phrase, relays, parties)
    size = len(scene.article.text)
    # what a pronoun within a quotation means hangs on the source that may follow it
    early = [s for s in sources if not _waits(scene, s)]
    late = [s for s in sources if _waits(scene, s)]
    inside = [s for s in (*early, *late, *others) if 0 <= s[0] < s[1] <= size]
    return [one.span(s) for s in inside]


def _waits(scene: Scene, span: Span) -> bool:
    """Whether a source is a pronoun within a quotation."""
    word = scene.article.words(span)
    return pronoun(word) is not None and scene.text.in_quotation(span[0])


def _by_start(scene: Scene) -> dict[int, list[Phrase]]:
    out: dict[int, list[Phrase]] = {}
    for phrase in scene.phrases:
        starts = {phrase.first, scene.text.tokens_in(phrase.whole)[0]}
        for start in sorted(starts):
            out.setdefault(start, []).append(phrase)
    return out
