"""All that a register holds at present, loaded for what is derived from it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from caveat.model import Actor
from caveat.register import load
from caveat.register import schema as t
from caveat.register.derive.entries import Holdings, once
from caveat.register.derive.merges import Merges
from caveat.register.derive.reviewed import Reviewed, attach
from caveat.register.derive.wordings import wordings
from caveat.register.load import Stored
from caveat.register.reviews import is_two_person, load_hashes, load_reviews


def load_holdings(connection: Connection) -> Holdings:
    """Everything, positions as they were read."""
    positions = list(load.load_positions(connection))
    reviewed = load_reviewed(connection, positions)
    return Holdings(
        positions=positions,
        reviewed=reviewed,
        sources=load.load_sources(connection),
        signatures=load.load_signatures(connection),
        actors=_actors(connection, reviewed),
        evidence=load.load_evidence(connection),
        decisions=load.load_decisions(connection, t.actor_decisions),
        propositions=load_wordings(connection).same,
    )


def _actors(connection: Connection, reviewed: Reviewed) -> dict[str, Actor]:
    """All actors, those that only a reviewer named included."""
    out = load.load_actors(connection)
    counted = (o.counts for o in reviewed.outcomes.values() if o.counts is not None)
    named = {id_ for review in counted for id_ in review.content["holders"]}
    out |= {id_: load.undescribed(id_) for id_ in named - set(out)}
    return dict(sorted(out.items()))


def load_actors(connection: Connection) -> dict[str, Actor]:
    """All actors by id, those that only a reviewer named included."""
    return _actors(connection, load_reviewed(connection, None))


def load_reviewed(connection: Connection, positions: Iterable[Stored] | None) -> Reviewed:
    """What reviews make of all current positions; None: load these, where there is a review."""
    found = load_reviews(connection)
    if not found:
        return Reviewed({}, ())
    positions = load.load_positions(connection) if positions is None else positions
    hashes = load_hashes(connection, {r.sha256 for r in found})
    return attach(found, once(positions), hashes, two_person=is_two_person(connection))


def load_wordings(connection: Connection) -> Merges:
    """Which propositions are one."""
    decided = load.load_decisions(connection, t.proposition_decisions)
    return wordings(load.load_propositions(connection), decided)
