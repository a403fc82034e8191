"""Finding, reading and defaulting a config."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulator import errors
from emulator.config import (
    BuildConfig,
    ConfigError,
    DevConfig,
    RouteConfig,
    find_config,
    load_config,
    parse_config,
)
from tests.config.samples import HEAD, REGISTRY, read, said, said_below_head


class FixedClock:
    def __init__(self, now_ms: float) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> float:
        return self._now_ms


CLOCK = FixedClock(1_795_564_800_000)  # 2026-11-25


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/entry.py").write_text("")
    (tmp_path / "wrangler.toml").write_text(HEAD)
    return tmp_path


def test_the_nearest_config_is_found_from_below(project: Path) -> None:
    assert find_config(project / "src") == project / "wrangler.toml"


def test_json_wins_over_jsonc_over_toml(project: Path) -> None:
    for name in ("wrangler.jsonc", "wrangler.json"):
        (project / name).write_text("{}")
        assert find_config(project) == project / name


def test_a_missing_config_is_an_error_that_names_the_files(tmp_path: Path) -> None:
    with pytest.raises(errors.ConfigError, match=r"no wrangler\.toml, wrangler\.jsonc or"):
        find_config(tmp_path / "nowhere")


def test_a_file_that_cannot_be_read_is_a_config_error(tmp_path: Path) -> None:
    with pytest.raises(errors.ConfigError, match="Could not read file"):
        load_config(tmp_path / "wrangler.toml")


def test_a_minimal_config_has_all_defaults(project: Path) -> None:
    loaded = load_config(project / "wrangler.toml", clock=CLOCK)
    worker = loaded.worker
    assert loaded.warnings == ()
    assert ("w", project / "src/entry.py", project) == (worker.name, worker.main, worker.directory)
    assert worker.compatibility.enabled("python_workers_314")
    assert (worker.dev, worker.build) == (DevConfig(), BuildConfig())
    assert (worker.crons, worker.routes, dict(worker.bindings)) == ((), (), {})
    assert worker.python_modules_exclude == ("**/*.pyc",)


def test_toml_and_json_with_the_same_tree_mean_the_same() -> None:
    tree = {
        "name": "w",
        "main": "src/entry.py",
        "compatibility_date": "2026-11-01",
        "compatibility_flags": ["python_workers"],
        "vars": {"A": {"b": [1, 2.5, True]}},
    }
    toml = read(HEAD + "[vars]\nA = { b = [1, 2.5, true] }\n").worker
    for name in ("wrangler.json", "wrangler.jsonc"):
        worker = read(json.dumps(tree), name).worker
        assert (toml.name, toml.compatibility) == (worker.name, worker.compatibility)
        assert toml.raw.value == worker.raw.value == tree


def test_an_entry_point_that_does_not_exist_is_reported_with_the_rest(project: Path) -> None:
    (project / "wrangler.toml").write_text(HEAD.replace("entry", "nope").replace('"w"', "1"))
    with pytest.raises(ConfigError) as caught:
        load_config(project / "wrangler.toml", clock=CLOCK)
    assert [each.message for each in caught.value.diagnostics] == [
        (
            'Expected "name" to be of type string, alphanumeric and lowercase with dashes only '
            "but got 1."
        ),
        'The entry-point file at "src/nope.py" was not found.',
    ]
    assert caught.value.location == f"{project}/wrangler.toml:1:8"


def test_the_clock_decides_what_is_in_the_future(project: Path) -> None:
    path = project / "wrangler.toml"
    path.write_text(HEAD.replace("2026-11-01", "2026-11-25"))
    (warning,) = load_config(path, clock=CLOCK).warnings
    assert 'Falling back to "2026-11-24"' in warning.message
    path.write_text(HEAD.replace("2026-11-01", "2026-11-26"))
    with pytest.raises(ConfigError, match='date "2026-11-26" is in the future and unsupported'):
        load_config(path, clock=CLOCK)


def test_a_missing_date_warns_and_means_the_newest() -> None:
    text = HEAD.replace('compatibility_date = "2026-11-01"\n', "")
    loaded = read(text)
    assert str(loaded.worker.compatibility_date) == "2026-11-24"
    assert said(text) == [
        (
            "1:1 warning No compatibility_date was specified. "
            "Using the newest supported date: 2026-11-24."
        )
    ]


def test_a_redundant_flag_is_an_error_only_beside_a_chosen_date() -> None:
    text = HEAD.replace('s"]', 's", "nodejs_compat"]')
    message = (
        "The compatibility flag nodejs_compat became the default as of 2026-08-04 "
        "so does not need to be specified anymore."
    )
    assert said(text) == [f"4:42 error {message}"]
    undated = text.replace('compatibility_date = "2026-11-01"\n', "")
    assert said(undated)[1:] == [f"3:42 warning {message}"]


@pytest.mark.parametrize(
    ("date", "message"),
    [
        ('"yesterday"', 'field should be a valid ISO-8601 date (YYYY-MM-DD), but got "yesterday".'),
        ('"20260101"', 'field should be a valid ISO-8601 date (YYYY-MM-DD), but got "20260101".'),
        (
            '"2026-02-30"',
            'field should be a valid ISO-8601 date (YYYY-MM-DD), but got "2026-02-30".',
        ),
        (
            '"2026–01–01"',
            (
                "field should use ISO-8601 accepted hyphens (-) "
                "rather than en-dashes (–) or em-dashes (—)."
            ),
        ),
    ],
)
def test_a_date_must_be_an_iso_date(date: str, message: str) -> None:
    text = HEAD.replace('"2026-11-01"', date)
    assert said(text) == [f'3:22 error "compatibility_date" {message}']


def test_an_unquoted_toml_date_gets_the_hint_to_quote_it() -> None:
    with pytest.raises(ConfigError) as caught:
        read(HEAD.replace('"2026-11-01"', "2026-11-01"))
    assert caught.value.hint == "put the date in quotes"


def test_python_needs_its_flag() -> None:
    assert said(HEAD.replace('"python_workers"', "")) == [
        "2:8 error The `python_workers` compatibility flag is required to use Python."
    ]


def test_a_config_without_main_says_what_is_missing() -> None:
    text = HEAD.replace('main = "src/entry.py"\n', "")
    assert said(text) == ["1:1 error Missing entry-point to Worker script or to assets directory"]


def test_javascript_entry_points_are_refused() -> None:
    (found,) = said(HEAD.replace("entry.py", "index.js"))
    assert "is not a Python module" in found


@pytest.mark.parametrize(
    ("data", "message", "location"),
    [
        (b"\xff\xfea\0", "The file is UTF-16 LE text; a config file must be UTF-8", "1:1"),
        (b"a = 1\nb = '\xe9'", "The file is not UTF-8 text: byte 0xe9", "2:6"),
    ],
)
def test_text_that_is_not_utf8_is_refused(data: bytes, message: str, location: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(data, Path("wrangler.toml"))
    assert (message, f"wrangler.toml:{location}") == (caught.value.message, caught.value.location)


def test_a_byte_order_mark_of_utf8_is_passed_over() -> None:
    data = b"\xef\xbb\xbf" + HEAD.encode()
    assert parse_config(data, Path("wrangler.toml"), registry=REGISTRY).worker.name == "w"


def test_the_root_must_be_an_object() -> None:
    assert said("[1]", "wrangler.json") == [
        "1:1 error Expected the configuration to be an object but got [1]."
    ]


def test_dev_settings_are_read() -> None:
    text = '[dev]\nip = "0.0.0.0"\nport = 8000\ninspector_port = false\nlocal_protocol = "https"\n'
    assert read(HEAD + text).worker.dev == DevConfig(
        ip="0.0.0.0",
        port=8000,
        inspector_port=None,
        local_protocol="https",
        upstream_protocol="https",
    )


def test_routes_crons_rules_and_build_are_read() -> None:
    text = """
routes = ["*.example.com/api/*", { pattern = "https://shop.example.com", custom_domain = true }]
triggers = { crons = ["* * * * *", "0 0 1 * *"] }
rules = [{ type = "Text", globs = ["**/*.html"], fallthrough = true }]
build = { command = "make" }
python_modules = { exclude = ["x"] }
secrets = { required = ["TOKEN"] }
"""
    worker = read(HEAD + text).worker
    assert worker.crons == ("* * * * *", "0 0 1 * *")
    assert [route.host for route in worker.routes] == ["example.com", "shop.example.com"]
    assert worker.routes[1] == RouteConfig("https://shop.example.com", is_custom_domain=True)
    assert (worker.rules[0].globs, worker.rules[0].fallthrough) == (("**/*.html",), True)
    assert worker.build == BuildConfig("make", None, (Path("src"),))
    assert (worker.python_modules_exclude, worker.required_secrets) == (("x",), ("TOKEN",))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'triggers = { crons = "* * * * *" }\n',
            (
                '1:22 error Expected "triggers.crons" to be of type array, '
                'but got {"crons":"* * * * *"}.'
            ),
        ),
        (
            'route = "a.com"\nroutes = []\n',
            '1:1 error Expected exactly one of the following fields ["routes","route"].',
        ),
        (
            "[dev]\nport = 70000\n",
            '2:8 error Expected "dev.port" to be a port from 0 to 65535.',
        ),
        (
            '[dev]\nlocal_protocol = "ftp"\n',
            (
                '2:18 error Expected "dev.local_protocol" field to be one of ["http","https"] '
                'but got "ftp".'
            ),
        ),
        ("[dev]\nprot = 1\n", '2:1 warning Unexpected fields found in dev field: "prot"'),
        ("bogus = 1\n", '1:1 warning Unexpected fields found in top-level field: "bogus"'),
        (
            "[observability]\nhead_sampling_rate = 2\n",
            (
                '2:22 error "observability.head_sampling_rate" must be a value between 0 and 1, '
                "but got 2."
            ),
        ),
        (
            "[limits]\ncpu_ms = true\n",
            '2:10 error Expected "limits.cpu_ms" to be of type number but got true.',
        ),
        (
            'rules = [{ type = "Wasm", globs = "x" }]\n',
            (
                '1:19 error Expected "rules[0].type" field to be one of '
                '["ESModule","CommonJS","CompiledWasm","Text","Data","PythonModule",'
                '"PythonRequirement"] but got "Wasm".'
            ),
        ),
        ("rules = [{ globs = [] }]\n", '1:10 error "rules[0].type" is a required field.'),
        (
            'python_modules = { exclude = "x" }\n',
            '1:30 error Expected "python_modules.exclude" to be of type string array but got "x".',
        ),
        (
            "routes = [1]\n",
            (
                '1:11 error Expected "routes[0]" to be either a string, or an object with shape '
                "{ pattern, custom_domain, zone_id | zone_name }, but got 1."
            ),
        ),
        ("node_compat = true\n", '1:1 error The "node_compat" field is no longer supported.'),
    ],
)
def test_a_wrong_value_is_reported_in_wranglers_words(text: str, expected: str) -> None:
    assert expected in said_below_head(text)


def test_what_pyworkers_does_not_do_is_named() -> None:
    text = (
        '[[r2_buckets]]\nbinding = "B"\n[[queues.consumers]]\nqueue = "q"\n[site]\nbucket = "x"\n'
    )
    assert said_below_head(text) == [
        '1:3 warning "r2_buckets" is not supported by pyworkers yet',
        '3:3 warning "queues" is not supported by pyworkers yet',
        '5:2 warning "site" is not supported by pyworkers yet',
    ]


def test_keys_without_local_meaning_pass_silently() -> None:
    text = (
        'minify = true\nworkers_dev = false\naccount_id = "a"\nlogpush = true\nkeep_vars = true\n'
    )
    assert said_below_head(text) == []


def test_a_key_written_twice_in_json_is_reported() -> None:
    text = '{"name": "a", "name": "w", "main": "e.py", "compatibility_date": "2026-11-01", "compatibility_flags": ["python_workers"]}'
    assert said(text, "wrangler.jsonc") == [
        '1:15 warning "name" is written twice in this object; the last one counts'
    ]
