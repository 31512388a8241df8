"""Reviews as rows: added, never changed; read back as records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, insert, select

from caveat.errors import ReviewError
from caveat.model import KINDS, RELATIONS, STANCES, VOICES
from caveat.register import load
from caveat.register import schema as t
from caveat.register.derive.reviewed import FIELDS, Review, ReviewVerdict, content_of
from caveat.register.load import Stored

TWO_PERSON = "two_person"
"""The name under which `register_info` keeps whether a second person must agree."""


def load_reviews(connection: Connection) -> list[Review]:
    """All reviews, in order."""
    r = t.reviews.c
    query = select(
        r.number, r.position_id, r.article_id, r.sha256, r.action_start, r.action_end, r.verdict,
        r.content, r.reviewer, r.why, r.reviewed_at,
    ).order_by(r.number)  # fmt: skip
    return [
        Review(number, position, article, sha, (start, end), verdict, json.loads(content), who,
               why, at)
        for number, position, article, sha, start, end, verdict, content, who, why, at
        in connection.execute(query)
    ]  # fmt: skip


def load_hashes(connection: Connection, shas: Iterable[str]) -> dict[str, str]:
    """The hashes of the articles whose text was reviewed in some version, by article id."""
    a = t.articles.c
    wanted = sorted(set(shas))
    out: dict[str, str] = {}
    for n in range(0, len(wanted), 1000):
        found = select(a.id, a.sha256).where(a.sha256.in_(wanted[n : n + 1000]))
        out |= {row.id: row.sha256 for row in connection.execute(found)}
    return out


def is_two_person(connection: Connection) -> bool:
    """Whether a review counts only when a second person agrees."""
    i = t.register_info.c
    found = connection.execute(select(i.value).where(i.name == TWO_PERSON)).scalar()
    return found == "yes"


def add_review(
    connection: Connection,
    stored: Stored,
    verdict: ReviewVerdict,
    changes: Mapping[str, Any],
    by: tuple[str, str],
    at: str,
) -> int:
    """Add a review of a stored position by (who, why); returns its number.

    Raises `ReviewError` for changes that are no field's, or of values that no field takes.
    """
    if (verdict == "correct") != bool(changes):
        raise ReviewError("a correction names what it corrects, and no other verdict does")
    if not by[0].strip():
        raise ReviewError("a review names its reviewer")
    content = content_of(stored.position)
    for name, value in changes.items():
        content[name] = _checked(name, value, content, stored.position.action[1])
    content["corrected"] = [n for n in FIELDS if content[n] != content_of(stored.position)[n]]
    if verdict == "correct" and not content["corrected"]:
        raise ReviewError("the correction changes nothing: accept the position instead")
    a = t.articles.c
    sha = connection.execute(select(a.sha256).where(a.id == stored.article)).scalar_one()
    last = connection.execute(select(func.max(t.reviews.c.number))).scalar()
    action = stored.position.action
    row = {
        "number": (last or 0) + 1, "position_id": stored.id, "article_id": stored.article,
        "sha256": sha, "action_start": action[0], "action_end": action[1], "verdict": verdict,
        "content": json.dumps(content, ensure_ascii=False, sort_keys=True), "reviewer": by[0],
        "why": by[1], "reviewed_at": at,
    }  # fmt: skip
    connection.execute(insert(t.reviews), [row])
    return int(row["number"])


def stored_position(connection: Connection, id_: str) -> Stored | None:
    """A current position as it is stored, by its id; a person's own where there are two."""
    p = t.positions.c
    keys = select(p.key).where(p.id == id_)
    found = list(load.load_positions(connection, lambda key: key.in_(keys) & load.current(key)))
    return max(found, key=lambda s: s.is_by_hand, default=None)


_KNOWN = {"stance": STANCES, "kind": KINDS, "voice": VOICES}


def _checked(name: str, value: Any, content: Mapping[str, Any], at: int) -> Any:
    """A field's value as a review keeps it."""
    if name in _KNOWN:
        if value not in _KNOWN[name]:
            raise ReviewError(f"{value!r} is no {name}: one of {', '.join(_KNOWN[name])}")
        return value
    if name == "negated":
        if not isinstance(value, bool):
            raise ReviewError(f"negated is true or false, not {value!r}")
        return value
    if name == "holders":
        if not value or not all(str(v).partition(":")[0] in load.TYPE_OF for v in value):
            raise ReviewError(f"holders are ids such as iso:FR, not {value!r}")
        return list(value)
    if name == "said":
        return _days(value)
    if name == "conditions":
        return [_condition(c, content, at) for c in value]
    raise ReviewError(f"{name!r} is no field of a review: {', '.join(FIELDS)}")


def _days(value: Any) -> list[str | None] | None:
    if value is None:
        return None
    days = [value, value] if isinstance(value, str) else list(value)
    try:
        made = [date.fromisoformat(d) if d else None for d in days]
    except (TypeError, ValueError):
        raise ReviewError(f"{value!r} is no day; write it as 2026-01-07") from None
    if len(made) != 2 or (made[0] and made[1] and made[0] > made[1]):
        raise ReviewError(f"{value!r} is no day and no stretch of days")
    return [d.isoformat() if d else None for d in made]


def _condition(value: Any, content: Mapping[str, Any], at: int) -> list[Any]:
    """[start, end, relation, proposition, group] of a list such, or of {"relation", "proposition",
    optional "of": which of the position's conditions it was}."""
    if isinstance(value, list | tuple) and len(value) == 5:
        start, end, relation, proposition, group = value
    else:
        relation, proposition = value["relation"], value["proposition"]
        which = value.get("of")
        # a condition that the reader missed has no words of its own: it stands where the act ends
        start, end, group = (at, at, None)
        if which is not None:
            start, end, _, _, group = content["conditions"][which]
    if relation not in RELATIONS:
        raise ReviewError(f"{relation!r} is no relation: one of {', '.join(RELATIONS)}")
    return [start, end, relation, proposition, group]
