"""Counts, boards and changes from a register's entries; nothing here writes.

`count` answers a question, `board` shows who stands where, `changes` who moved.
"""

from caveat.ask.board import Board, Cell, Change, board, changes
from caveat.ask.claims import GroupClaim
from caveat.ask.count import Count, Move, count
from caveat.ask.current import Held
from caveat.ask.question import Question, question
from caveat.ask.scenarios import Scenario, scenarios
from caveat.ask.tiers import TIERS, Standing, Tier

__all__ = [
    "TIERS", "Board", "Cell", "Change", "Count", "GroupClaim", "Held", "Move", "Question",
    "Scenario", "Standing", "Tier", "board", "changes", "count", "question",
    "scenarios",
]  # fmt: skip
