"""Command line, report and exports: everything that formats, nothing that computes.

`render` makes the report's page, `write_csv` and `write_json` the exports; the command line is
`caveat.show.cli:main`. Names load on first use, so that the command line answers quickly.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from caveat.show.export import write_csv, write_json
    from caveat.show.report import Material, render

__all__ = ["Material", "render", "write_csv", "write_json"]

_HOMES = {
    "Material": "caveat.show.report",
    "render": "caveat.show.report",
    "write_csv": "caveat.show.export",
    "write_json": "caveat.show.export",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'caveat.show' has no attribute {name!r}")
