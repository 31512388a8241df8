"""Undertakings: what is tracked, read from a TOML file and checked as a whole.

`security-guarantees` ships with the package; `caveat undertaking --blank` prints the commented
template. The keys are explained in `undertakings/template.toml`.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

from caveat.errors import BadUndertaking
from caveat.model import KINDS

DEFAULT = "security-guarantees"


@dataclass(frozen=True, slots=True)
class PropositionRule:
    """A proposition's canonical form and the wordings that mean it.

    `id` is plain ("ceasefire") or takes one actor ("consents"), which the wording's `{actor}`
    fills: "consents(iso:RU)" is printed "consents(RU)". `denied` are wordings of its opposite.
    """

    id: str
    label: str
    wordings: tuple[re.Pattern[str], ...]
    denied: tuple[re.Pattern[str], ...]
    implies: tuple[str, ...]
    takes_actor: bool
    default_actor: str | None


@dataclass(frozen=True, slots=True)
class ScopeRule:
    """A place or mission, its wordings, and whether positions about it belong to the count."""

    id: str
    label: str
    inside: bool
    wordings: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class Undertaking:
    """What is tracked: scope, kinds, propositions, roster and how old a position may grow."""

    id: str
    title: str
    digest: str
    toml: str
    kinds: Mapping[str, tuple[str, ...]]
    beneficiaries: tuple[str, ...]
    start: date | None
    end: date | None
    places: tuple[ScopeRule, ...]
    missions: tuple[ScopeRule, ...]
    propositions: tuple[PropositionRule, ...]
    roster: tuple[str, ...]
    max_age_days: int

    def implied(self, proposition: str) -> frozenset[str]:
        """All that a true plain proposition makes true, itself included."""
        rules = {r.id: r for r in self.propositions}
        out: set[str] = set()
        todo = [proposition]
        while todo:
            one = todo.pop()
            if one not in out:
                out.add(one)
                todo += rules[one].implies if one in rules else ()
        return frozenset(out)

    def kinds_of(self, name: str) -> tuple[str, ...]:
        """The kinds that a kind's name or a set's name stands for."""
        if name in self.kinds:
            return self.kinds[name]
        return (name,) if name in KINDS else ()


def load_undertaking(source: str | Path | None = None) -> Undertaking:
    """Read an undertaking by name (shipped) or by path; None is the default one.

    Raises `BadUndertaking` with the table and key at fault.
    """
    if source is None or str(source) in shipped():
        name = str(source or DEFAULT)
        text = (resources.files("caveat") / "undertakings" / f"{name}.toml").read_text("utf-8")
        return parse_undertaking(text, name)
    path = Path(source)
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise BadUndertaking(f"cannot read undertaking {path}: {e}") from e
    return parse_undertaking(text, path.stem)


def shipped() -> tuple[str, ...]:
    """Names of the undertakings in the package, the template aside."""
    folder = resources.files("caveat") / "undertakings"
    names = (p.name.removesuffix(".toml") for p in folder.iterdir() if p.name.endswith(".toml"))
    return tuple(sorted(n for n in names if n != "template"))


def template() -> str:
    """The blank, commented template."""
    return (resources.files("caveat") / "undertakings" / "template.toml").read_text("utf-8")


def parse_undertaking(text: str, name: str) -> Undertaking:
    """Check the TOML text of an undertaking and return it; `name` is for messages."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        raise BadUndertaking(f"{name}: {e}") from e
    known = {"id", "title", "max_age_days", "roster", "kinds", "scope", "propositions"}
    if unknown := set(raw) - known:
        raise BadUndertaking(f"{name}: unknown key {sorted(unknown)[0]!r}")
    for key in ("id", "title"):
        if not isinstance(raw.get(key), str) or not raw[key]:
            raise BadUndertaking(f"{name}: {key!r} must be a text")
    scope = raw.get("scope", {})
    propositions = tuple(_proposition(name, k, v) for k, v in raw.get("propositions", {}).items())
    ids = {p.id for p in propositions}
    for p in propositions:
        if missing := set(p.implies) - ids:
            raise BadUndertaking(
                f"{name}: propositions.{p.id}.implies names unknown {sorted(missing)[0]!r}"
            )
    for word, kinds in raw.get("kinds", {}).items():
        if bad := set(kinds) - set(KINDS):
            raise BadUndertaking(f"{name}: kinds.{word} names unknown kind {sorted(bad)[0]!r}")
    age = raw.get("max_age_days", 365)
    if not isinstance(age, int) or age < 1:
        raise BadUndertaking(f"{name}: max_age_days must be a whole number of days, 1 or more")
    return Undertaking(
        id=raw["id"],
        title=raw["title"],
        digest=hashlib.sha256(text.encode()).hexdigest()[:16],
        toml=text,
        kinds={k: tuple(v) for k, v in raw.get("kinds", {}).items()},
        beneficiaries=tuple(scope.get("beneficiaries", ())),
        start=_day(name, "scope.start", scope.get("start")),
        end=_day(name, "scope.end", scope.get("end")),
        places=tuple(_scope_rule(name, "places", r) for r in scope.get("places", ())),
        missions=tuple(_scope_rule(name, "missions", r) for r in scope.get("missions", ())),
        propositions=propositions,
        roster=tuple(raw.get("roster", ())),
        max_age_days=age,
    )


def _day(name: str, key: str, value: Any) -> date | None:
    if value is None or type(value) is date:
        return value
    raise BadUndertaking(f"{name}: {key} must be a date such as 2025-03-02, unquoted")


# Where a wording names an actor, `commit` has put its number between two private characters.
_ACTOR = "(?P<actor>\ue000\\d+\ue001)"


def _patterns(name: str, key: str, words: Any) -> tuple[re.Pattern[str], ...]:
    if not isinstance(words, list) or not all(isinstance(w, str) and w for w in words):
        raise BadUndertaking(f"{name}: {key} must be a list of wordings")
    out = []
    for w in words:
        expression = re.sub(r"\s+", r"\\s+", w.strip()).replace("{actor}", _ACTOR)
        try:
            out.append(re.compile(rf"(?<!\w)(?:{expression})(?!\w)", re.IGNORECASE))
        except re.error as e:
            raise BadUndertaking(f"{name}: {key}: {w!r}: {e}") from e
    return tuple(out)


def _proposition(name: str, key: str, raw: Any) -> PropositionRule:
    where = f"propositions.{key}"
    if not isinstance(raw, dict):
        raise BadUndertaking(f"{name}: {where} must be a table")
    if unknown := set(raw) - {"label", "wordings", "denied", "implies", "takes", "default_actor"}:
        raise BadUndertaking(f"{name}: {where}: unknown key {sorted(unknown)[0]!r}")
    if raw.get("takes") not in (None, "actor"):
        raise BadUndertaking(f"{name}: {where}.takes can only be 'actor'")
    return PropositionRule(
        id=key,
        label=str(raw.get("label", key)),
        wordings=_patterns(name, f"{where}.wordings", raw.get("wordings", [])),
        denied=_patterns(name, f"{where}.denied", raw.get("denied", [])),
        implies=tuple(raw.get("implies", ())),
        takes_actor=raw.get("takes") == "actor",
        default_actor=raw.get("default_actor"),
    )


def _scope_rule(name: str, key: str, raw: Any) -> ScopeRule:
    where = f"scope.{key}"
    if not isinstance(raw, dict) or not isinstance(raw.get("id"), str):
        raise BadUndertaking(f"{name}: each of {where} needs an id")
    return ScopeRule(
        id=raw["id"],
        label=str(raw.get("label", raw["id"])),
        inside=bool(raw.get("inside", True)),
        wordings=_patterns(name, f"{where}.{raw['id']}.wordings", raw.get("wordings", [])),
    )
