"""Named environments: what they inherit, and what they forget."""

from __future__ import annotations

import pytest

from emulator.config import ConfigError
from tests.config.samples import HEAD, read, said_below_head


def test_inheritable_keys_come_from_the_top_level() -> None:
    worker = read(HEAD + "triggers = { crons = ['* * * * *'] }\n[env.prod]\n", env="prod").worker
    assert (worker.name, worker.environment, worker.crons) == ("w-prod", "prod", ("* * * * *",))


def test_an_environment_may_set_its_own() -> None:
    text = '[env.prod]\nname = "other"\nmain = "src/prod.py"\ntriggers = { crons = [] }\n'
    worker = read(HEAD + text, env="prod").worker
    assert (worker.name, worker.main.name, worker.crons) == ("other", "prod.py", ())


def test_a_route_of_an_environment_replaces_inherited_routes() -> None:
    text = 'routes = ["a.com"]\n[env.prod]\nroute = "b.com"\n'
    assert [each.pattern for each in read(HEAD + text, env="prod").worker.routes] == ["b.com"]


def test_bindings_are_not_inherited() -> None:
    text = "[vars]\nA = 1\nB = 2\n[env.prod.vars]\nA = 3\n"
    worker = read(HEAD + text, env="prod").worker
    assert {name: binding.config for name, binding in worker.bindings.items()} == {"A": 3}


def test_what_an_environment_forgets_is_warned_about() -> None:
    text = "[vars]\nA = 1\nB = 2\n[[kv_namespaces]]\nbinding = 'KV'\n[env.prod.vars]\nA = 3\n"
    assert said_below_head(text, env="prod") == [
        (
            '6:1 warning "vars.B" exists at the top level, but not on "env.prod.vars".\n'
            'This is not what you probably want, since "vars" is not inherited by environments.\n'
            'Please add "vars.B" to "env.prod".'
        ),
        (
            '6:1 warning "kv_namespaces" exists at the top level, but not on "env.prod".\n'
            'This is not what you probably want, since "kv_namespaces" is not inherited by '
            "environments.\n"
            'Please add "kv_namespaces" to "env.prod".'
        ),
    ]


def test_keys_that_belong_to_the_top_level_are_unexpected_in_an_environment() -> None:
    text = "[env.prod]\nfoo = 1\ndev = { port = 1 }\n"
    assert said_below_head(text, env="prod") == [
        '2:1 warning Unexpected fields found in env.prod field: "foo"',
        '3:1 warning Unexpected fields found in env.prod field: "dev"',
    ]


def test_mistakes_at_the_top_level_are_told_once_under_an_environment() -> None:
    text = "[vars]\nA = 2020-01-01\n[env.prod.vars]\nA = 1\n"
    assert said_below_head(text, env="prod") == [
        '2:5 error The field "vars.A" is a TOML date, which is not supported.'
    ]


def test_an_unknown_environment_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError) as caught:
        read(HEAD + "[env.prod]\n[env.dev]\n", env="staging")
    assert caught.value.message == (
        'No environment found in configuration with name "staging".\n'
        "Before using `--env=staging` there should be an equivalent environment section "
        "in the configuration.\n"
        'The available configured environment names are: ["prod","dev"]\n'
        "\n"
        "Consider adding an environment configuration section to the wrangler.toml file:\n"
        "```\n[env.staging]\n```"
    )


def test_an_unknown_environment_is_a_warning_where_there_are_none() -> None:
    loaded = read(HEAD, env="staging")
    assert (loaded.worker.name, loaded.worker.environment) == ("w", "staging")
    (warning,) = loaded.warnings
    assert warning.message.startswith('No environment found in configuration with name "staging".')


@pytest.mark.parametrize("text", ["env = 1\n", "env = { prod = 1 }\n"])
def test_environments_must_be_objects(text: str) -> None:
    with pytest.raises(ConfigError, match="to be of type object but got 1"):
        read(HEAD + text, env="prod")
