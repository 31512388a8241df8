"""Entries, counts, boards and changes as JSON objects, for `--json`, exports and the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from caveat.ask import (
    Board,
    Cell,
    Change,
    Conflict,
    Count,
    GroupClaim,
    Held,
    Move,
    Scenario,
    Standing,
    Timeline,
)
from caveat.model import Actor, Entry
from caveat.register import Background
from caveat.show.contract import interval_object
from caveat.show.figures import measured
from caveat.show.identities import link_object
from caveat.show.words import name_of

Actors = Mapping[str, Actor]


def entry_object(entry: Entry, actors: Actors) -> dict[str, Any]:
    """One stored position with its evidence; spans count from the start of the sentence."""
    p = entry.position
    return {
        "id": entry.id,
        "holders": [named(h, actors) for h in entry.holders],
        "holder_words": list(entry.holder_words),
        "group_size": list(p.group_size) if p.group_size else None,
        "stance": p.stance,
        "negated": p.negated,
        "kind": p.kind,
        "action": entry.action_words,
        "beneficiaries": [named(a, actors) for a in p.beneficiary_actors],
        "addressees": [named(a, actors) for a in p.addressee_actors],
        "conditions": [
            {
                "words": words,
                "relation": c.relation,
                "proposition": c.proposition,
                "group": c.group,
            }
            for c, words in zip(p.conditions, entry.condition_words, strict=False)
        ],
        "amounts": [
            {
                "words": words, "value": a.value, "max": a.max, "unit": a.unit, "bound": a.bound,
            }
            for a, words in zip(p.amount, entry.amount_words, strict=False)
        ],
        "voice": p.voice,
        "speaker": entry.speaker_words,
        "speaker_party": entry.speaker_party,
        "relay": list(entry.relay_words),
        "said": interval_object(p.said),
        "reported": interval_object(entry.reported),
        "scope": None if p.scope is None else {
            "place": p.scope.place, "mission": p.scope.mission, "inside": p.scope.inside,
            "reason": p.scope.reason,
        },
        "caveats": [{"name": c.name, "why": c.why} for c in p.caveats],
        "confidence": round(p.confidence, 4),
        "reviewed": entry.reviewed,
        "sentence": entry.sentence,
        "outlet": entry.outlet,
        "title": entry.title,
        "url": entry.url,
        "article": entry.article_id,
        "origin": entry.origin,
        "reader": entry.reader,
    }  # fmt: skip


def named(actor: str, actors: Actors) -> dict[str, str]:
    """{"id", "name"}."""
    return {"id": actor, "name": name_of(actor, actors)}


def held_object(held: Held, actors: Actors) -> dict[str, Any]:
    """A position as one holder's: with the voice that it has for this holder."""
    return {
        "holder": named(held.holder, actors),
        "voice": held.voice,
        "by_bloc": held.by_bloc,
        "position": entry_object(held.entry, actors),
    }


def count_object(answer: Count, actors: Actors) -> dict[str, Any]:
    """An answered count with all that it rests on."""
    q = answer.question
    readers = sorted({h.entry.reader for s in answer.standings for h in s.rests_on})
    return {
        "question": {
            "kinds": list(q.kinds),
            "all_of": q.all_of,
            "at_least": q.at_least,
            "as_of": q.as_of.isoformat() if q.as_of else None,
            "hindsight": q.hindsight,
            "assumptions": dict(q.assumptions),
            "voices": list(q.voices),
            "without_outlets": list(q.without_outlets),
            "beneficiary": q.beneficiary,
            "reviewed_only": q.reviewed_only,
            "reading": q.reading,
        },
        "definition": answer.definition,
        "firm": len(answer.firm),
        "lower": answer.lower,
        "upper": answer.upper,
        "standings": [_standing(s, actors) for s in answer.standings],
        "towards_others": [held_object(h, actors) for h in answer.towards_others],
        "out_of_scope": [held_object(h, actors) for h in answer.out_of_scope],
        "group_claims": [_claim(c, actors) for c in answer.group_claims],
        "moves": [_move(m) for m in answer.moves],
        **_hanging(answer, actors),
        "voices": dict(answer.voices),
        "reviewed": answer.reviewed,
        "rested_on": answer.rested_on,
        "readers": [{"reader": r, "measured": measured(r)} for r in readers],
    }


def _standing(s: Standing, actors: Actors) -> dict[str, Any]:
    return {
        "holder": named(s.holder, actors),
        "tier": s.tier,
        "in_lower": s.in_lower,
        "in_upper": s.in_upper,
        "stale": s.stale,
        "note": s.note,
        "rests_on": [held_object(h, actors) for h in s.rests_on],
        "superseded": [h.entry.id for h in s.superseded],
        "contradicted_by": [h.entry.id for h in s.contradicted_by],
    }


def _claim(c: GroupClaim, actors: Actors) -> dict[str, Any]:
    return {
        "wording": c.wording,
        "size": list(c.size) if c.size else None,
        "not_comparable": c.not_comparable,
        "positions": [entry_object(e, actors) for e in c.entries],
    }


def _hanging(answer: Count, actors: Actors) -> dict[str, Any]:
    """Who waits for whom, and who is in only if others are not; empty where no condition says."""
    solved = answer.solved
    if solved is None:
        return {"together": [], "exclusive": [], "impossible": []}
    return {
        "together": [[named(a, actors) for a in group] for group in solved.together],
        "exclusive": [
            {"parties": [named(a, actors) for a in e.parties], "least": e.least, "most": e.most}
            for e in solved.exclusive
        ],
        "impossible": [[named(a, actors) for a in group] for group in solved.impossible],
    }


def _move(m: Move) -> dict[str, Any]:
    return {
        "assumption": m.assumption, "lower": m.lower, "upper": m.upper,
        "gains_lower": list(m.gains_lower), "leaves_upper": list(m.leaves_upper),
        "joins_upper": list(m.joins_upper),
    }  # fmt: skip


def scenario_objects(found: Iterable[Scenario], actors: Actors) -> list[dict[str, Any]]:
    """Each scenario: its further assumptions (null for the question as asked) and the answer."""
    return [{"assumptions": s.assumption, "answer": count_object(s.answer, actors)} for s in found]


def moves_object(answer: Count, pair: Move | None) -> dict[str, Any]:
    """The bounds, what each open proposition would make of them, and the best pair."""
    return {
        "lower": answer.lower,
        "upper": answer.upper,
        "moves": [_move(m) for m in answer.moves],
        "best_pair": _move(pair) if pair else None,
    }


def board_object(board: Board, entries: Mapping[str, Entry], actors: Actors) -> dict[str, Any]:
    """The board: rows, columns, and the cells that are filled, with their positions by id."""
    return {
        "actors": [named(a, actors) for a in board.actors],
        "kinds": list(board.kinds),
        "cells": [_cell(c, entries, actors) for c in board.cells.values()],
    }


def _cell(c: Cell, entries: Mapping[str, Entry], actors: Actors) -> dict[str, Any]:
    return {
        "actor": c.actor,
        "kind": c.kind,
        "stance": c.stance,
        "negated": c.negated,
        "own": c.own,
        "conditional": c.conditional,
        "disputed": c.disputed,
        "stale": c.stale,
        "positions": [entry_object(entries[id_], actors) for id_ in c.positions],
    }


def changes_object(changes: Iterable[Change], actors: Actors) -> list[dict[str, Any]]:
    """Each move: who, on what, when, what held before (null at first) and what came."""
    return [
        {
            "actor": named(c.actor, actors),
            "kind": c.kind,
            "day": c.day.isoformat(),
            "before": entry_object(c.before.entry, actors) if c.before else None,
            "after": entry_object(c.after.entry, actors),
        }
        for c in changes
    ]


def timeline_object(found: Timeline, actors: Actors) -> dict[str, Any]:
    """The points with bounds and tiers, the parties by name, and on how many days words came."""
    return {
        "days": found.days,
        "parties": [named(a, actors) for a in found.parties],
        "points": [
            {"day": p.day.isoformat(), "lower": p.lower, "upper": p.upper, "firm": p.firm,
             "tiers": dict(sorted(p.tiers.items()))}
            for p in found.points
        ],
    }  # fmt: skip


def background_object(found: Background, actors: Actors) -> dict[str, Any]:
    """What stands behind a position: the chain of voices, identities, the origin's others."""
    return {
        "chain": [
            {
                "step": v.step,
                "words": v.words,
                "actor": named(v.actor, actors) if v.actor else None,
                "cue": v.cue,
                "anonymous": v.anonymous,
            }
            for v in found.chain
        ],
        "identities": [
            {
                "role": i.role,
                "words": i.words,
                "actor": named(i.actor, actors),
                "how": i.how,
                "stands_as": named(i.stands_as, actors),
                "joined": list(i.joined),
                "party": named(i.party, actors),
                "evidence": [
                    {
                        "words": g.words, "role": g.role, "party": g.party, "article": g.article,
                        "title": g.title, "outlet": g.outlet, "here": g.here,
                        "reported": g.reported.isoformat() if g.reported else None,
                    }
                    for g in i.grounds
                ],
                "speaks_for": [link_object(link) for link in i.links],
            }
            for i in found.identities
        ],
        "same_origin": [
            {"id": e.id, "article": e.article_id, "outlet": e.outlet, "title": e.title,
             "url": e.url, "reported": interval_object(e.reported)}
            for e in found.same_origin
        ],
    }  # fmt: skip


def conflicts_object(found: Iterable[Conflict], actors: Actors) -> list[dict[str, Any]]:
    """Each conflict with its two sides' positions."""
    return [
        {
            "holder": named(c.holder, actors) if c.holder else None,
            "kind": c.kind,
            "why": c.why,
            "sides": [entry_object(e, actors) for e in c.entries],
        }
        for c in found
    ]
