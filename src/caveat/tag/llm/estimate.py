"""What a run will cost, before the first request: tokens by a rule of thumb, money by prices."""

from __future__ import annotations

from dataclasses import dataclass

from caveat.tag.llm.settings import Settings

CHARACTERS = 4
"""Characters of a token: the usual rule for English prose. Texts in other scripts take more."""
REPLY_SHARE = 1.0
"""Tokens of a reply for each token of its passage. An assumption: news with a position in every
other sentence gives about as much JSON as text; no model was at hand to measure it."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Requests to be made and what they may cost; second questions are not in it."""

    articles: int
    requests: int
    cached: int
    """Questions that a kept reply answers."""
    tokens_in: int
    tokens_out: int
    characters: int
    """Of the passages that will be sent."""

    @property
    def tokens(self) -> int:
        """Tokens in and out."""
        return self.tokens_in + self.tokens_out

    def money(self, settings: Settings) -> float | None:
        """What it may cost, in the currency of the prices; None without prices."""
        return money(self.tokens_in, self.tokens_out, settings)


def money(tokens_in: int, tokens_out: int, settings: Settings) -> float | None:
    """The price of so many tokens; None where no price is configured."""
    if settings.price_in is None and settings.price_out is None:
        return None
    return (tokens_in * (settings.price_in or 0) + tokens_out * (settings.price_out or 0)) / 1e6


def tokens_of(*texts: str) -> int:
    """Tokens of texts by the rule of thumb, rounded up."""
    return -(-sum(map(len, texts)) // CHARACTERS)
