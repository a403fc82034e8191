"""Ids equal those of a local workerd, and prove which namespace they belong to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.entropy import SeededEntropy
from emulator.runtime.actor_ids import BAD_HEX, FOREIGN, ActorId, ActorIdFactory

FOO = "d905a247a8195c3a87b9dd06f792c79dc406d42d8b853b04ffd5538fb5d97e59"


def factory(unique_key: str = "worker-Sq") -> ActorIdFactory:
    return ActorIdFactory(unique_key, SeededEntropy(1))


@pytest.mark.rule("ID-1")
@pytest.mark.parametrize(
    ("unique_key", "name", "expected"),
    [
        ("worker-Sq", "foo", FOO),
        ("worker-Sq", "", "c9fe4efd570f29fd0095204e5c1ecf3b2863e8b3d7deb3c5485d429d74b7442f"),
        ("worker-Sq", "héé😀", "a879560ead5727c6e4d079234658ce888ee786a49af1e1632abcd413b14c2424"),
        ("worker-Lg", "foo", "15b6455d6d0ae0e6438592af9f61b5fc65cecb3d73b868622ffb350a5a0bc071"),
    ],
)
def test_names_give_the_ids_of_workerd(unique_key: str, name: str, expected: str) -> None:
    assert factory(unique_key).from_name(name) == ActorId(expected, name)


def test_a_remembered_name_gives_the_same_id() -> None:
    ids = factory()
    assert ids.from_name("foo") is ids.from_name("foo")
    for number in range(5000):  # more than are remembered
        ids.from_name(str(number))
    assert ids.from_name("foo").hex == FOO


@pytest.mark.rule("ID-6")
def test_a_hex_string_gives_the_id_without_its_name() -> None:
    assert factory().from_string(FOO) == ActorId(FOO, None)
    assert factory().from_string(FOO.upper()).hex == FOO


@pytest.mark.rule("ID-5")
@pytest.mark.parametrize("text", ["", "foo", FOO[:-1], FOO + "0", FOO + "\n", "g" + FOO[1:]])
def test_what_is_not_64_hex_digits_is_no_id(text: str) -> None:
    with pytest.raises(ValueError, match="must be 64 hex digits") as caught:
        factory().from_string(text)
    assert str(caught.value) == BAD_HEX


@pytest.mark.rule("ID-5")
def test_an_id_of_another_namespace_is_refused() -> None:
    with pytest.raises(ValueError, match="not valid") as caught:
        factory("worker-Lg").from_string(FOO)
    assert str(caught.value) == FOREIGN


@pytest.mark.rule("ID-5")
@given(st.integers(0, 63), st.integers(1, 15))
def test_an_id_with_any_digit_changed_is_refused(index: int, change: int) -> None:
    digit = f"{int(FOO[index], 16) ^ change:x}"
    with pytest.raises(ValueError, match="not valid"):
        factory().from_string(FOO[:index] + digit + FOO[index + 1 :])


@pytest.mark.rule("ID-6")
def test_unique_ids_differ_have_no_name_and_are_valid() -> None:
    ids = factory()
    made = [ids.new_unique() for _ in range(100)]
    assert len({actor_id.hex for actor_id in made}) == 100
    assert {actor_id.name for actor_id in made} == {None}
    assert [ids.from_string(actor_id.hex) for actor_id in made] == made


@given(st.text())
def test_any_name_gives_a_valid_id(name: str) -> None:
    ids = factory()
    made = ids.from_name(name)
    assert made.name == name
    assert ids.from_string(made.hex).same(made)


def test_a_lone_surrogate_is_a_name_too() -> None:
    assert factory().from_name("\ud800").hex != factory().from_name("").hex


@pytest.mark.rule("ID-7")
def test_sameness_is_that_of_the_digits() -> None:
    assert ActorId(FOO, "foo").same(ActorId(FOO))
    assert not ActorId(FOO).same(ActorId(FOO[::-1]))
