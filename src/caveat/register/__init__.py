"""The register: schema, store and what follows from everything in it.

with Register("register.db") as register:
    register.add(findings)
    entries = register.entries()
"""

from caveat.register.background import Background, Ground, Identity, Voice
from caveat.register.copying import Difference, copy_register, diff_registers, digest
from caveat.register.deciding import ArticleMark, Mark
from caveat.register.derive.merges import Decision, Merges, Proposal, Ruling
from caveat.register.derive.people import Link
from caveat.register.derive.reviewed import (
    FIELDS,
    Outcome,
    Review,
    Reviewed,
    ReviewVerdict,
    Stats,
    stats,
)
from caveat.register.opinions import Opinion, Verdict
from caveat.register.register import ArticleSummary, Counts, Register, RowState, default_path
from caveat.register.searching import Found, Hit

__all__ = [
    "FIELDS", "ArticleMark", "ArticleSummary", "Background", "Counts", "Decision", "Difference",
    "Found", "Ground", "Hit", "Identity", "Link", "Mark", "Merges", "Opinion", "Outcome",
    "Proposal", "Register", "Review", "ReviewVerdict", "Reviewed", "RowState", "Ruling", "Stats",
    "Verdict", "Voice", "copy_register", "default_path", "diff_registers", "digest", "stats",
]  # fmt: skip
