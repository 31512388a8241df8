"""Counts, boards and changes from a register's entries; nothing here writes.

`count` answers a question, `board` shows who stands where, `changes` who moved,
`conflicts` what cannot stand together.
"""

from caveat.ask.board import Board, Cell, Change, board, changes
from caveat.ask.claims import GroupClaim
from caveat.ask.conflicts import Conflict, conflicts, standing_caveats
from caveat.ask.count import Count, Move, count
from caveat.ask.gather import Gathered, gather, gather_board
from caveat.ask.known import check
from caveat.ask.question import Question, nearest, question
from caveat.ask.scenarios import Scenario, best_pair, compare, scenarios
from caveat.ask.tiers import TIERS, Standing, Tier
from caveat.ask.timeline import Point, Timeline, timeline
from caveat.succession import Held

__all__ = [
    "TIERS", "Board", "Cell", "Change", "Conflict", "Count", "Gathered", "GroupClaim", "Held",
    "Move", "Point", "Question", "Scenario", "Standing", "Tier", "Timeline", "best_pair", "board",
    "changes", "check", "compare", "conflicts", "count", "gather", "gather_board", "nearest",
    "question", "scenarios", "standing_caveats", "timeline",
]  # fmt: skip
