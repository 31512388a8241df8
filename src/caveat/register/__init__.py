"""The register: schema, store and what follows from everything in it.

with Register("register.db") as register:
    register.add(findings)
    entries = register.entries()
"""

from caveat.register.opinions import Opinion, Verdict
from caveat.register.register import ArticleSummary, Counts, Register, default_path

__all__ = ["ArticleSummary", "Counts", "Opinion", "Register", "Verdict", "default_path"]
