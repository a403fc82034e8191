"""The command: help, errors and exit codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from emulator import __version__
from emulator.cli.main import cli
from emulator.host.options import DevOptions
from emulator.host.reporter import Reporter

DEV_HELP = """\
Usage: pyworkers dev [OPTIONS]

  Serve the Worker of this project on http://localhost:8787.

  Saving a file reloads it, without refusing a single connection. Ctrl-C ends the server.

Options:
  -c, --config PATH               The config file. By default the nearest wrangler.json, .jsonc or
                                  .toml upward.
  -e, --env NAME                  The environment of the config to use.
  --ip IP                         The address to listen on. [default: localhost]
  --port PORT                     The port to listen on; 0 takes any free one. [default: 8787, or
                                  the next free one]
  --persist-to DIR                Where to keep state. [default: .pyworkers/state beside the config]
  --no-persist                    Keep state in memory, and forget it at the end.
  --strict-limits                 Refuse in storage what only production refuses, such as values of
                                  more than 128 KiB.
  --log-level [debug|info|log|warn|error|none]
                                  Print only messages at or above this level.  [default: log]
  --restrictions [warn|error|off]
                                  What to do about code that Cloudflare would refuse. [default:
                                  pyproject.toml's, or warn]
  --no-reload                     Run in one process, and ignore changes of files.
  --no-color                      Print without colors.
  -h, --help                      Show this message and exit.
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, prog_name="pyworkers", terminal_width=100)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[DevOptions]:
    """The options `dev` would have run with."""
    found: list[DevOptions] = []

    def run_dev(options: DevOptions, reporter: Reporter) -> int:
        found.append(options)
        return 0

    monkeypatch.setattr("emulator.host.dev.run_dev", run_dev)
    return found


def test_help_of_dev_is_golden() -> None:
    result = run("dev", "--help")
    assert result.exit_code == 0
    assert result.output == DEV_HELP


def test_version() -> None:
    assert run("--version").output == f"pyworkers {__version__}\n"


def test_module_runs_as_a_program_and_help_imports_nothing_heavy() -> None:
    program = "import sys, emulator.cli.main; print([m for m in ('aiohttp', 'uvloop', 'asyncio') if m in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert found.stdout == "[]\n"
    version = subprocess.run(
        [sys.executable, "-m", "emulator", "--version"], capture_output=True, text=True, check=True
    )
    assert version.stdout == f"pyworkers {__version__}\n"


def test_no_config_is_an_error_with_a_hint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("dev")
    assert result.exit_code == 2
    assert result.stderr.startswith(
        "✘ error  no wrangler.toml, wrangler.jsonc or wrangler.json in "
    )
    assert "hint: change to the directory of a Worker" in result.stderr
    assert "Traceback" not in result.output


def test_named_config_that_is_absent_is_an_error(tmp_path: Path) -> None:
    result = run("dev", "--config", str(tmp_path / "none.toml"), "--port", "0")
    assert result.exit_code == 2
    assert "Could not read file" in result.stderr


def test_config_is_found_upward(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: list[DevOptions]
) -> None:
    (tmp_path / "wrangler.toml").touch()
    (tmp_path / "src").mkdir()
    monkeypatch.chdir(tmp_path / "src")
    assert run("dev").exit_code == 0
    assert started[0].config_path == tmp_path / "wrangler.toml"


def test_options_arrive(tmp_path: Path, started: list[DevOptions]) -> None:
    config = tmp_path / "wrangler.toml"
    result = run(
        "dev", "-c", str(config), "-e", "staging", "--ip", "::1", "--port", "0",
        "--persist-to", str(tmp_path / "state"), "--no-reload", "--strict-limits",
        "--restrictions", "error",
    )  # fmt: skip
    assert result.exit_code == 0
    (options,) = started
    assert options.started_at > 0
    assert options.restrictions == "error"
    assert (options.config_path, options.environment) == (config, "staging")
    assert (options.ip, options.port) == ("::1", 0)
    assert (options.persist_to, options.in_memory) == (tmp_path / "state", False)
    assert options.reload is False
    assert options.strict_limits is True


def test_javascript_options_are_ignored_with_one_warning(
    tmp_path: Path, started: list[DevOptions]
) -> None:
    result = run(
        "dev", "-c", str(tmp_path / "w.toml"), "--minify", "--define", "A:1", "--tsconfig", "t"
    )
    assert result.exit_code == 0
    assert (
        "▲ Ignored, because only JavaScript needs it: --define, --minify, --tsconfig\n"
        in result.output
    )
    assert len(started) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--port", "65536"),
        ("--port", "x"),
        ("--log-level", "loud"),
        ("--persist-to", "x", "--no-persist"),
        ("--nonsense",),
    ],
)
def test_bad_options_are_usage_errors(arguments: tuple[str, ...]) -> None:
    result = run("dev", *arguments)
    assert result.exit_code == 2
    assert "Usage: pyworkers dev" in result.stderr


def test_state_has_its_commands() -> None:
    result = run("state", "--help")
    assert result.exit_code == 0
    assert result.output.partition("Commands:\n")[2] == (
        "  convert  Bring a class's data from key-value storage to SQLite.\n"
        "  delete   Delete all objects of a class.\n"
        "  list     Show what is stored of which class.\n"
        "  move     Give the data of one class to another.\n"
    )
