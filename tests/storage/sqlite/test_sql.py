"""Guests' SQL: statements taken apart, what is refused, cursors. The recorded texts are in conformance."""

from __future__ import annotations

import pytest

from emulator.storage.sqlite import ObjectDatabase, SqlError
from tests.storage.sqlite.support import refusal, rows

NO_STATEMENT = "SQL code did not contain a statement."


@pytest.mark.rule("SQL-5")
@pytest.mark.parametrize("sql", ["", " \n", ";", " ; ;", "-- x", "/* x */", "/* x"])
async def test_a_text_without_a_statement_is_refused(database: ObjectDatabase, sql: str) -> None:
    assert refusal(database, sql) == NO_STATEMENT


@pytest.mark.rule("SQL-5")
@pytest.mark.parametrize(
    "sql",
    ["select 1", "select 1;", " select 1 ; \n", "-- x\nselect 1", "; select 1", "select 1 -- ;;"],
)
async def test_what_stands_around_one_statement_does_not_matter(
    database: ObjectDatabase, sql: str
) -> None:
    assert rows(database, sql) == [(1,)]


@pytest.mark.rule("SQL-5", "SQL-6")
@pytest.mark.parametrize("tail", [";", "; ;", " -- x", "/* x */", "; selec"])
async def test_what_follows_a_statement_fails_after_it_ran(
    database: ObjectDatabase, tail: str
) -> None:
    refusal(database, "create table t(a);" + tail)
    assert rows(database, "select name from sqlite_master") == [("t",)]


async def test_a_semicolon_in_a_trigger_or_a_string_ends_nothing(database: ObjectDatabase) -> None:
    rows(database, "create table t(a)")
    trigger = "create trigger g after insert on t begin select 1; select 2; end;"
    assert rows(database, trigger + " insert into t values(';'); select a from t") == [(";",)]


@pytest.mark.rule("SQL-6")
async def test_bindings_belong_to_the_last_statement(database: ObjectDatabase) -> None:
    assert rows(database, "select 1; select ?", 5.0) == [(5.0,)]
    assert "only the last statement" in refusal(database, "select ?; select 1", 5.0)
    assert "Wrong number" in refusal(database, "select ?, ?", 5.0)
    assert "Wrong number" in refusal(database, "select 1", 5.0)


@pytest.mark.rule("SQL-17")
async def test_statements_are_compiled_again_after_the_schema_changed(
    database: ObjectDatabase,
) -> None:
    rows(database, "create table t(a)")
    assert database.execute("select * from t").columns == ("a",)
    assert database.execute("select * from t").columns == ("a",)
    rows(database, "alter table t add column b")
    assert database.execute("select * from t").columns == ("a", "b")


@pytest.mark.rule("SQL-17")
async def test_the_cache_of_statements_is_bounded(database: ObjectDatabase) -> None:
    for i in range(60):
        assert rows(database, f"select {i}" + " " * 50_000) == [(i,)]
    assert database._statements_bytes <= 1024 * 1024
    assert rows(database, "select 1" + " " * 50_000) == [(1,)]


@pytest.mark.rule("SQL-4")
async def test_an_error_in_a_later_statement_counts_from_its_own_start(
    database: ObjectDatabase,
) -> None:
    assert refusal(database, "select 1; selec") == (
        'near "selec": syntax error at offset 0: SQLITE_ERROR'
    )


async def test_the_engines_own_statements_are_not_a_way_around_the_rules(
    database: ObjectDatabase,
) -> None:
    database.kv_put({"k": b"v"})
    assert database.kv_get("k") == b"v"
    assert "prohibited" in refusal(database, "SELECT value FROM _cf_KV WHERE key = ?", "k")
    assert database.kv_get("k") == b"v"


async def test_a_refusal_is_told_once(database: ObjectDatabase) -> None:
    assert refusal(database, "begin").startswith("To execute a transaction")
    assert refusal(database, "select median(1)").startswith("no such function: median at offset 7")
    assert refusal(database, "select nope") == "no such column: nope at offset 7: SQLITE_ERROR"


@pytest.mark.rule("SQL-20")
@pytest.mark.parametrize(
    "name",
    ["_cf_x", "_CF_x", '"_cf_x"', "[_cf_x]", "`_cf_x`", "/* c */ _cf_x", "-- c\n_cf_x", "'_cf_x'"],
)
async def test_a_table_is_not_renamed_into_the_reserved_names(
    database: ObjectDatabase, name: str
) -> None:
    rows(database, 'create table "t t"(a)')
    for table in ('"t t"', 'main . "t t"', "[t t]"):
        assert refusal(database, f"alter table {table} rename to {name}") == (
            "not authorized: SQLITE_AUTH"
        )
    rows(database, 'alter table "t t" rename to t')
    rows(database, "alter table t add column b default 'rename to _cf_x'")
    rows(database, "alter table t rename column b to _cf_b")


async def test_an_upserting_or_triggering_statement_is_counted_by_its_table(
    database: ObjectDatabase,
) -> None:
    rows(database, "create table log(x)")
    rows(database, "create table t(a integer primary key, b, c); create index i on t(b)")
    rows(database, "create trigger g after insert on t begin insert into log values(1); end")
    assert database.execute("insert into t values(1, 1, 1)").rows_written == 3
    assert database.execute("update t set b = 2").rows_written == 2
    assert database.execute("update t set c = 2").rows_written == 1
    assert database.execute("delete from t").rows_written == 1


@pytest.mark.rule("SQL-13")
async def test_a_cursor_is_one_row_ahead_and_over_after_its_last_row(
    database: ObjectDatabase,
) -> None:
    cursor = database.execute("select 1 union all select 2")
    assert (cursor.is_open, cursor.next(), cursor.is_open) == (True, (1,), True)
    assert (cursor.next(), cursor.is_open, cursor.next()) == ((2,), False, None)


@pytest.mark.rule("SQL-17")
async def test_cursors_of_the_same_text_are_independent(database: ObjectDatabase) -> None:
    rows(database, "create table t(a); insert into t values(1), (2)")
    one, two = database.execute("select a from t"), database.execute("select a from t")
    assert [one.next(), two.next(), one.next(), two.next()] == [(1,), (1,), (2,), (2,)]


async def test_an_error_while_stepping_ends_the_cursor(database: ObjectDatabase) -> None:
    rows(database, "create table t(a); insert into t values('[1]'), ('[2]'), ('{')")
    cursor = database.execute("select json_extract(a, '$[0]') from t")
    assert cursor.next() == (1,)
    with pytest.raises(SqlError, match="malformed JSON: SQLITE_ERROR"):
        cursor.next()
    assert not cursor.is_open
    rows(database, "drop table t")


async def test_text_that_is_not_utf8_is_refused_by_name(database: ObjectDatabase) -> None:
    assert "not valid UTF-8" in refusal(database, "select cast(x'ff' as text)")
    assert "not valid UTF-8" in refusal(database, "select ?", "\ud800")


@pytest.mark.rule("SQL-14")
async def test_row_counts_follow_full_scans(database: ObjectDatabase) -> None:
    rows(database, "create table t(a, b); insert into t values(1, 1), (2, 2), (3, 3)")
    cursor = database.execute("select a from t where b = 3")
    cursor.drain()
    assert cursor.rows_read == 3
    cursor = database.execute("select 1")
    cursor.drain()
    assert cursor.rows_read == 0
