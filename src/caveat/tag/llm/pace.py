"""Courtesy: how fast requests go out, and how many tokens a run may spend. Shared by threads."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from caveat.errors import NotAsked


class Pace:
    """Spaces requests evenly, and holds all of them while the server asks for patience."""

    def __init__(self, per_minute: int, stop: threading.Event) -> None:
        self._gap = 60.0 / per_minute if per_minute else 0.0
        self._lock = threading.Lock()
        self._next = 0.0
        self.stop = stop

    def wait(self) -> None:
        """Wait for this request's turn."""
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._gap
        self.sleep(turn - now)

    def hold(self, seconds: float) -> None:
        """Let no request out for so long: a server that is busy is so for every thread."""
        with self._lock:
            self._next = max(self._next, time.monotonic() + seconds)

    def sleep(self, seconds: float) -> None:
        """Sleep, cut short where the run is being stopped."""
        if seconds > 0 and self.stop.wait(seconds):
            raise NotAsked("the run was stopped")


@dataclass
class Usage:
    """What a run has cost and what it left out."""

    requests: int = 0
    cached: int = 0
    """Questions that a kept reply answered."""
    retries: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    counted: bool = True
    """Whether the server counted all tokens; else some are ours, a quarter of the characters."""
    dropped: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def tokens(self) -> int:
        """Tokens of all requests and replies."""
        return self.tokens_in + self.tokens_out

    def drop(self, reasons: Counter[str]) -> None:
        """Count what a reading left out."""
        with self.lock:
            self.dropped.update({k: n for k, n in reasons.items() if n})


class Budget:
    """Tokens that a run may spend; a request first reserves what it may cost at most."""

    def __init__(self, cap: int | None, usage: Usage) -> None:
        self._cap = cap
        self._usage = usage
        self._reserved = 0

    def reserve(self, tokens: int) -> None:
        """Raises `NotAsked` where the request could pass the cap."""
        with self._usage.lock:
            left = None if self._cap is None else self._cap - self._usage.tokens - self._reserved
            if left is not None and tokens > left:
                raise NotAsked(f"the cap of {self._cap:,} tokens is reached")
            self._reserved += tokens

    def settle(self, reserved: int, tokens_in: int, tokens_out: int, *, counted: bool) -> None:
        """Give back what was reserved and book what was spent."""
        with self._usage.lock:
            self._reserved -= reserved
            self._usage.tokens_in += tokens_in
            self._usage.tokens_out += tokens_out
            self._usage.counted &= counted
