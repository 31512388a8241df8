"""Caveat: who is willing to do what, under which conditions, and who says so.

    from caveat import read_article, find_positions, Register

The names load on first use, so that `import caveat` and `caveat --help` stay quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from caveat.read import read_article
    from caveat.register import Register
    from caveat.run import find_positions

__all__ = ["Register", "find_positions", "read_article"]
__version__ = "0.1.0"

_HOMES = {
    "Register": "caveat.register",
    "find_positions": "caveat.run",
    "read_article": "caveat.read",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'caveat' has no attribute {name!r}")
