"""How long `caveat --help` takes: `python -m bench.start`. The aim is under 0.3 s."""

from __future__ import annotations

import subprocess
import sys
import time

ROUNDS = 10


def main() -> int:
    """Print the least and the median of ten starts, in seconds of wall time."""
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "caveat", "--help"], check=True, capture_output=True)
        took.append(time.perf_counter() - began)
    took.sort()
    print(f"caveat --help: {took[0]:.2f} s at least, {took[ROUNDS // 2]:.2f} s in the middle")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
