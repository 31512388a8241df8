"""Fixtures that tests share: where the evaluation data lies, and the command line."""

import os
import sys
from pathlib import Path

import pytest

import databases
from caveat.show import cli

ROOT = Path(__file__).resolve().parent.parent


def pytest_configure(config) -> None:
    """Where a PostgreSQL server is named, registers are schemas in it instead of files."""
    config.addinivalue_line("markers", "sqlite: of what only SQLite has")
    if databases.URL:
        databases.use_postgresql()


def pytest_collection_modifyitems(items) -> None:
    """Leave out what only SQLite has."""
    if databases.URL:
        for item in items:
            if item.get_closest_marker("sqlite"):
                item.add_marker(pytest.mark.skip(reason="of what only SQLite has"))


def data_folder() -> Path | None:
    """The evaluation data by CAVEAT_DATA, by default ../shared beside the repository."""
    folder = Path(os.environ.get("CAVEAT_DATA", ROOT.parent / "shared"))
    return folder if (folder / "score" / "positions.py").is_file() else None


@pytest.fixture(scope="session")
def data() -> Path:
    """The evaluation data; tests that need it are skipped, and say so, where it is missing."""
    folder = data_folder()
    if folder is None:
        # the data is not ours to ship: a user's machine does not have it, CI does
        pytest.skip("no evaluation data here: set CAVEAT_DATA to its folder")
    return folder


@pytest.fixture
def caveat(monkeypatch, capsys, tmp_path):
    """Runs the command line in this process: (exit code, standard output, standard error)."""
    monkeypatch.setenv("CAVEAT_REGISTER", str(tmp_path / "register.db"))
    monkeypatch.setenv("COLUMNS", "140")

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["caveat", *map(str, words)])
        with pytest.raises(SystemExit) as done:
            cli.main()
        out, err = capsys.readouterr()
        code = done.value.code
        return (code if isinstance(code, int) else 0), out, err

    return run
