"""How long conditions on others take to solve: rings, thresholds, chains, one that stands aside.

python -m bench.solve            milliseconds, the best of five
python -m bench.solve --json     the same, for machines

Made up from a fixed seed. *ring*: every party waits for the next in a ring of all; further
conditions wait for one drawn at random, for a number of parties, or for an open proposition.
*chain*: each waits for the next, the last for nobody. *stands aside*: the ring, but one is in only
if another is not, so that the whole component goes to clingo; once.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from random import Random

from caveat.ask.components import solve
from caveat.ask.solve import Clause, Group, Node, Option, Problem

SIZES = ((200, 500), (2000, 5000))
ROUNDS = 5
Options = Mapping[Node, tuple[Option, ...]]


def _option(clause: Clause) -> tuple[Option, ...]:
    return (Option((clause,), (clause,)),)


def ring(parties: int, conditions: int) -> Options:
    """Parties in a ring, with further conditions."""
    rng = Random(20261122)
    names = [f"P{i}" for i in range(parties)]
    of = {n: [Group("if", (f"does({names[(i + 1) % parties]}, troops)",))]
          for i, n in enumerate(names)}  # fmt: skip
    for _ in range(conditions - parties):
        one, other = rng.sample(names, 2)
        number = rng.randint(1, parties // 2)
        what = rng.choice((f"does({other}, troops)", "x", f"at-least({number}, troops)"))
        of[one].append(Group(rng.choice(("if", "only_if", "after")), (what,)))
    return {(n, "troops"): _option(tuple(groups)) for n, groups in of.items()}


def aside(parties: int, conditions: int) -> Options:
    """The ring, but the first is in only if the eighth is not."""
    first = {("P0", "troops"): _option((Group("unless", ("does(P7, troops)",)),))}
    return {**ring(parties, conditions), **first}


def chain(parties: int, _: int) -> Options:
    """Each waits for the next one, and the last for nobody."""
    waits = {
        (f"P{i}", "troops"): _option((Group("if", (f"does(P{i + 1}, troops)",)),))
        for i in range(parties - 1)
    }
    return {**waits, (f"P{parties - 1}", "troops"): _option(())}


CASES = {"ring": ring, "chain": chain, "stands aside": aside}


def milliseconds(options: Options, rounds: int) -> float:
    """The best of some rounds, reading the conditions included."""
    best = float("inf")
    for _ in range(rounds):
        started = time.perf_counter()
        solve(Problem(options, set(), lambda _: None), ["troops"])
        best = min(best, time.perf_counter() - started)
    return round(best * 1000, 1)


def main() -> int:
    """Print the figures; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.solve",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    args = parser.parse_args()
    found = [
        {"case": name, "parties": n, "conditions": m,
         "ms": milliseconds(make(n, m), 1 if make is aside else ROUNDS)}
        for name, make in CASES.items()
        for n, m in SIZES
    ]  # fmt: skip
    if args.json:
        print(json.dumps(found, indent=1))
        return 0
    for f in found:
        print(f"{f['case']:>14} {f['parties']:>6} parties {f['ms']:>9} ms")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
