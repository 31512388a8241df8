"""Print the quality tables and fail below the floors of bench/floors.json.

python -m bench                     every table
python -m bench --only positions    some of them
python -m bench --json              for machines
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from datetime import date
from pathlib import Path

from bench import quality

FLOORS = Path(__file__).with_name("floors.json")


def main() -> int:
    """Run, print, compare; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", help="part of a table's name, such as positions")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    args = parser.parse_args()
    found = quality.run(args.only)
    if args.json:
        print(json.dumps(found, indent=1))
    else:
        print(f"{date.today()}, {platform.machine()}, Python {platform.python_version()}, "
              f"gold {quality.data_digest()}")  # fmt: skip
        for name, cells in found.items():
            print(f"\n{name}\n{'':>16}   F1   (95 % interval)    P      R")
            for figure, (f, low, high, p, r) in cells.items():
                print(f"{figure:>16} {f:5.1f}  ({low:4.1f} to {high:4.1f})  {p:5.1f}  {r:5.1f}")
    problems = quality.below(found, json.loads(FLOORS.read_text("utf-8")))
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
