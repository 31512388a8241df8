"""Docs against code: what is documented exists, and what exists is documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

import caveat
from caveat import errors
from caveat.show import cli
from caveat.show.export import COLUMNS

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
CLI = (ROOT / "docs" / "cli.md").read_text("utf-8")
GROUP = typer.main.get_command(cli.app)
COMMANDS = dict(GROUP.commands)  # type: ignore[attr-defined]
HELP = {"--help", "-h"}


def section(command: str) -> str:
    """The part of docs/cli.md about a command."""
    found = re.search(rf"^## `caveat {command}\b.*?(?=^## |\Z)", CLI, re.S | re.M)
    assert found, f"docs/cli.md has no section on {command}"
    return found[0]


def options(command: str) -> set[str]:
    """Every spelling of every option that a command takes."""
    return {o for p in COMMANDS[command].params for o in p.opts if o.startswith("-")} - HELP


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_option_is_documented_in_its_commands_section(command):
    rows = set(re.findall(r"^\| (`.*?`) \|", section(command), re.M))
    documented = {o for row in rows for o in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", row)}
    assert documented == options(command)


def test_every_documented_command_exists():
    assert set(re.findall(r"^## `caveat (\w+)", CLI, re.M)) == set(COMMANDS)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_is_shown_in_an_example(command):
    assert f"caveat {command}" in section(command).split("```")[1]


def test_the_global_options_are_documented():
    for parameter in GROUP.params:
        for spelling in set(parameter.opts) - HELP:
            assert f"`{spelling}`" in CLI


def test_every_example_uses_options_that_exist():
    for line in re.findall(r"^ *(?:\$ )?(caveat [a-z]+.*)$", CLI, re.M):
        command, *words = line.split()[1:]
        used = {w.split("=")[0] for w in words if re.match(r"--?[a-z]", w)}
        assert used <= options(command) | HELP, line


def test_every_exit_code_of_an_error_is_documented():
    codes = {
        e.exit_code
        for e in vars(errors).values()
        if isinstance(e, type) and issubclass(e, errors.CaveatError)
    }
    for code in codes | {0, 2, 130}:
        assert re.search(rf"^\| {code} \|", CLI, re.M), code


def test_every_column_of_an_export_is_documented():
    documented = re.findall(r"^\| `(\w+)` \|", section("export"), re.M)
    assert tuple(documented) == COLUMNS


def test_no_docs_name_a_command_that_does_not_exist():
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        if page.exists():
            for command in re.findall(
                r"^ *(?:\$ )?caveat ([a-z]+)\b", page.read_text("utf-8"), re.M
            ):
                assert command in COMMANDS, f"{page.name}: caveat {command}"


def test_every_exported_name_is_in_the_readme():
    readme = ROOT / "README.md"
    if not readme.exists():
        pytest.skip("no README.md here")
    for name in caveat.__all__:
        assert re.search(rf"\b{name}\b", readme.read_text("utf-8")), name
        assert getattr(caveat, name).__doc__, name


def test_the_readmes_python_lines_run(tmp_path, monkeypatch, capsys):
    code = re.search(r"```python\n(.+?)```", README, re.S)[1]
    assert len(code.strip().splitlines()) == 6
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {})
    assert "iso:ES" in capsys.readouterr().out
    assert (tmp_path / "positions.db").is_file()
