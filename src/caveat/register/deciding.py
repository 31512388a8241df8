"""What people decide in a register: who is who, which wordings are one, what reviews say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import delete, func, insert, select

from caveat.errors import RegisterError, UnknownActor, UnknownPosition, UnknownProposition
from caveat.register import index, load
from caveat.register import migrations as steps
from caveat.register import schema as t
from caveat.register.decisions import add_decision
from caveat.register.derive import entries as derive
from caveat.register.derive.merges import Merges, Ruling
from caveat.register.derive.people import Link
from caveat.register.derive.reviewed import Reviewed, ReviewVerdict
from caveat.register.derive.wordings import TEXT, renamed
from caveat.register.holdings import load_holdings, load_reviewed, load_wordings
from caveat.register.opened import Opened
from caveat.register.reviews import TWO_PERSON, add_review, is_two_person, stored_position

Mark = Literal["retracted", "corrected", "restored", "archived"]


@dataclass(frozen=True, slots=True)
class ArticleMark:
    """What a person said of an article."""

    number: int
    article: str
    name: str
    outlet: str | None
    title: str | None
    mark: Mark
    url: str | None
    who: str
    why: str
    at: str


class Decided(Opened):
    """An open register, with what people decide in it. Decisions are rows beside what was read."""

    def review(
        self,
        position: str,
        verdict: ReviewVerdict,
        changes: Mapping[str, Any] | None = None,
        *,
        who: str,
        why: str = "",
    ) -> int:
        """Say of a current position that it is right, wrong, or how it should read.

        `verdict` is "accept", "correct" with `changes` by field (`stance`, `kind`, `negated`,
        `voice`, `holders`, `said`, `conditions`), "reject", or "withdrawn", which takes the same
        person's last one back. Returns the review's number; `refresh` makes counts quick again.
        Raises `UnknownPosition`, and `ReviewError` for what no field takes.
        """
        with self._writing("a review") as connection:
            stored = stored_position(connection, position)
            if stored is None:
                raise UnknownPosition(f"no current position has the id {position!r}")
            return add_review(connection, stored, verdict, changes or {}, (who, why), steps.now())

    def mark_article(
        self, article: str, mark: Mark, *, who: str, why: str = "", url: str | None = None
    ) -> int:
        """Say that an article was retracted or corrected, is restored, or is archived at `url`.

        Positions of a retracted or corrected article leave every count, and stay on record; a
        corrected text is read as an article of its own. Raises `RegisterError` if it is unknown.
        """
        if (mark == "archived") != bool(url):
            raise RegisterError("an archived copy has an address, and no other mark does")
        a, m = t.articles.c, t.article_marks.c
        with self._writing("a mark") as connection:
            if connection.execute(select(a.id).where(a.id == article)).first() is None:
                raise RegisterError(f"register {self.place} holds no article {article!r}")
            last = connection.execute(select(func.max(m.number))).scalar()
            number: int = (last or 0) + 1
            row = {"number": number, "article_id": article, "mark": mark, "url": url,
                   "who": who, "why": why, "marked_at": steps.now()}  # fmt: skip
            connection.execute(insert(t.article_marks), [row])
        return number

    def article_marks(self) -> tuple[ArticleMark, ...]:
        """What people said of articles, in order."""
        m, a = t.article_marks.c, t.articles.c
        query = select(
            m.number, m.article_id, a.name, a.outlet, a.title, m.mark, m.url, m.who, m.why,
            m.marked_at,
        ).join_from(t.article_marks, t.articles, m.article_id == a.id)  # fmt: skip
        with self._reading() as connection:
            found: Iterable[Any] = connection.execute(query.order_by(m.number)).all()
        return tuple(ArticleMark(*row) for row in found)

    def left_out(self) -> int:
        """How many positions stand apart because their articles were retracted or corrected."""
        p, marks = t.positions.c, self.article_marks()
        last = {m.article: m.mark for m in marks if m.mark != "archived"}
        gone = sorted(id_ for id_, mark in last.items() if mark != "restored")
        with self._reading() as connection:
            found = select(func.count(p.id.distinct())).where(p.article_id.in_(gone))
            return int(connection.execute(found).scalar_one()) if gone else 0

    def set_two_person(self, wanted: bool) -> None:
        """Whether a review counts only when a second person agrees."""
        i = t.register_info
        with self._writing("a setting") as connection:
            connection.execute(delete(i).where(i.c.name == TWO_PERSON))
            row = {"name": TWO_PERSON, "value": "yes" if wanted else "no"}
            connection.execute(insert(i), [row])

    def reviewed(self) -> Reviewed:
        """What reviews come to, by position; and the orphans, which find no position."""
        with self._reading() as connection:
            return load_reviewed(connection, None)

    @property
    def two_person(self) -> bool:
        """Whether a review counts only when a second person agrees."""
        with self._reading() as connection:
            return is_two_person(connection)

    def decide(self, one: str, other: str, verdict: Ruling, *, who: str, why: str) -> int:
        """Say that two actors' ids are the same, different, or that neither is decided.

        Returns the decision's number. Raises `UnknownActor` where no reading gives an id.
        """
        first, second = sorted((one, other))
        if first == second:
            raise RegisterError(f"{one!r} is one id, not two")
        with self._writing("a decision") as connection:
            known = load.load_actors(connection)
            for id_ in (first, second):
                if id_ not in known:
                    raise UnknownActor(f"the register knows no actor {id_!r}")
            pair, by = (first, second), (who, why)
            return add_decision(connection, t.actor_decisions, pair, verdict, by, steps.now())

    def decide_propositions(
        self, one: str, other: str, verdict: Ruling, *, who: str, why: str
    ) -> int:
        """Say that two propositions mean the same, do not, or that neither is decided.

        Returns the decision's number. Raises `UnknownProposition` where no condition has one
        and the undertaking does not know it, or where both are the undertaking's own.
        """
        first, second = sorted((one, other))
        if first == second:
            raise RegisterError(f"{one!r} is one proposition, not two")
        foreseen = {r.id for r in self.undertaking.propositions} if self.undertaking else set()
        with self._writing("a decision") as connection:
            known = load.load_propositions(connection)
            for name in (first, second):
                if name not in known and name.partition("(")[0] not in foreseen:
                    raise UnknownProposition(f"no condition speaks of {name!r}")
            if not any(name.startswith(TEXT) for name in (first, second)):
                raise UnknownProposition(
                    f"{first!r} and {second!r} are both told apart by the undertaking: say there "
                    "which implies which"
                )
            pair, by = (first, second), (who, why)
            return add_decision(connection, t.proposition_decisions, pair, verdict, by, steps.now())

    def merges(self) -> Merges:
        """Which actors' ids are one, which may be, and what people decided of them."""
        with self._reading() as connection:
            return derive.merges(load_holdings(connection))

    def links(self) -> tuple[Link, ...]:
        """Who speaks for whom, by which post, from when until when."""
        with self._reading() as connection:
            found = derive.standing(load_holdings(connection)).links
        return tuple(link for links in found.values() for link in links)

    def wordings(self) -> Merges:
        """Which propositions are one, which may be, and what people decided of them."""
        with self._reading() as connection:
            return load_wordings(connection)

    def stands_as(self, proposition: str) -> str:
        """The name that stands for a proposition, which may be denied ("not:…")."""
        with self._reading() as connection:
            if index.is_fresh(connection):
                return renamed(proposition, index.same_propositions(connection)) or proposition
            return renamed(proposition, load_wordings(connection).same) or proposition
