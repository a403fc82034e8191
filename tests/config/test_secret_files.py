"""`.dev.vars` and `.env`: format, and which files count."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator import errors
from emulator.config import FileSecrets, parse_config, read_secret_files
from emulator.config.dotenv import expand, parse_dotenv
from tests.config.samples import HEAD


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=1", "1"),
        ("  export A = x y  # comment", "x y"),
        ("A: yaml", "yaml"),
        ("A=", ""),
        ("A='single \\n # kept'", "single \\n # kept"),
        ('A="double\\nbreak"', "double\nbreak"),
        ('A="two\nlines" # c', "two\nlines"),
        ('A=`it\'s "both"`', 'it\'s "both"'),
        ("A=1\nno assignment\nA=2", "2"),
        ("# A=0\nA=1\r\n", "1"),
        ("A=a#b", "a"),
    ],
)
def test_a_value_is_read_as_dotenv_reads_it(text: str, value: str) -> None:
    assert parse_dotenv(text)["A"] == value


@given(text=st.text(alphabet="AB=:'\"`#$\\{}\n\r x.", max_size=60))
def test_any_text_has_assignments_or_none(text: str) -> None:
    for name, value in expand(parse_dotenv(text), {}).items():
        assert name
        assert isinstance(value, str)


def test_references_are_expanded() -> None:
    values = {
        "A": "1",
        "B": "${A}-x",
        "C": "$B!",
        "D": "${NONE:-d}",
        "E": "\\$A",
        "F": "${HOME}",
        "G": "$G",
    }
    expanded = expand(values, {"HOME": "/h"})
    assert expanded == {"A": "1", "B": "1-x", "C": "1-x!", "D": "d", "E": "$A", "F": "/h", "G": ""}


def secrets(
    directory: Path,
    files: dict[str, str],
    *,
    env: str | None = None,
    config: str = "",
    environ: dict[str, str] | None = None,
    env_files: tuple[Path, ...] = (),
) -> FileSecrets:
    for name, text in files.items():
        (directory / name).write_text(text)
    data = (HEAD + config + ("[env.prod]\n" if env else "")).encode()
    worker = parse_config(data, directory / "wrangler.toml", env=env).worker
    return read_secret_files(worker, environ or {}, env_files=env_files)


ALL = {
    ".env": "A=0\nB=0\nC=0\nD=$A-x",
    ".env.local": "B=1",
    ".env.prod": "C=2",
    ".env.prod.local": "C=3",
}


def test_env_files_are_merged_from_general_to_special(tmp_path: Path) -> None:
    found = secrets(tmp_path, ALL, env="prod")
    assert found.values == {"A": "0", "B": "1", "C": "3", "D": "0-x"}
    assert [path.name for path in found.files] == list(ALL)


def test_files_of_other_environments_do_not_count(tmp_path: Path) -> None:
    assert secrets(tmp_path, ALL).values == {"A": "0", "B": "1", "C": "0", "D": "0-x"}


def test_dev_vars_push_env_files_aside_and_are_not_expanded(tmp_path: Path) -> None:
    found = secrets(tmp_path, {**ALL, ".dev.vars": "X=$A"}, env="prod")
    assert (found.values, found.files) == ({"X": "$A"}, (tmp_path / ".dev.vars",))


def test_the_dev_vars_of_an_environment_stand_alone(tmp_path: Path) -> None:
    files = {".dev.vars": "A=1\nB=1", ".dev.vars.prod": "A=2"}
    assert secrets(tmp_path, files, env="prod").values == {"A": "2"}


def test_given_files_are_the_only_ones(tmp_path: Path) -> None:
    files = {**ALL, ".dev.vars": "X=1", "a": "A=1\nB=1", "b": "B=2"}
    found = secrets(tmp_path, files, env_files=(Path("a"), Path("b")))
    assert found.values == {"A": "1", "B": "2"}


def test_env_files_can_be_switched_off(tmp_path: Path) -> None:
    environ = {"CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV": "false"}
    assert secrets(tmp_path, ALL, environ=environ).values == {}


def test_the_process_environment_can_be_included(tmp_path: Path) -> None:
    environ = {"CLOUDFLARE_INCLUDE_PROCESS_ENV": "true", "P": "1"}
    assert secrets(tmp_path, {".env": "A=1"}, environ=environ).values == {**environ, "A": "1"}


def test_required_secrets_restrict_the_rest_and_are_missed(tmp_path: Path) -> None:
    config = 'vars = { V = "x" }\nsecrets = { required = ["A", "P", "Q", "R"] }\n'
    files = {".dev.vars": "A=1\nB=2\nV=3"}
    found = secrets(tmp_path, files, config=config, environ={"P": "4"})
    assert found.values == {"V": "3", "A": "1", "P": "4"}
    assert found.warning == (
        "Missing required secrets: Q, R. "
        "Add them to .dev.vars, .env, or set as environment variables."
    )


def test_a_file_that_is_no_text_is_a_config_error(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=\xff")
    with pytest.raises(errors.ConfigError, match=r"Could not read file: .*\.env"):
        secrets(tmp_path, {})
