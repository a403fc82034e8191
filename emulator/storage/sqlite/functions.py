"""The functions that guest SQL may call, and those that Cloudflare's SQLite does not even have.

Source: workerd src/workerd/util/sqlite.c++ (`ALLOWED_SQLITE_FUNCTIONS`); each confirmed by running
it.
"""

from __future__ import annotations

from typing import Final

_CORE: Final = """
    abs changes char coalesce concat concat_ws format glob hex ifnull iif instr last_insert_rowid
    length like likelihood likely load_extension lower ltrim max min nullif octet_length printf
    quote random randomblob replace round rtrim sign soundex substr substring total_changes trim
    typeof unhex unicode unlikely upper zeroblob
"""
_DATE: Final = """
    date time datetime julianday unixepoch strftime timediff current_date current_time
    current_timestamp
"""
_AGGREGATE: Final = "avg count group_concat string_agg sum total"
_WINDOW: Final = """
    row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value
    nth_value
"""
_MATH: Final = """
    acos acosh asin asinh atan atan2 atanh ceil cos cosh degrees exp floor ln log log2 mod pi pow
    radians sin sinh sqrt tan tanh trunc
"""
_JSON: Final = """
    json jsonb json_array jsonb_array json_array_length json_extract jsonb_extract -> ->>
    json_insert jsonb_insert json_object jsonb_object json_patch jsonb_patch json_remove
    jsonb_remove json_replace jsonb_replace json_set jsonb_set json_type json_valid json_quote
    json_group_array jsonb_group_array json_group_object jsonb_group_object json_each json_tree
"""
_SEARCH: Final = "match highlight bm25 snippet rtreecheck"
# SQLite calls these itself to carry out ALTER TABLE; to anybody else they do not exist.
_ALTER: Final = """
    sqlite_rename_table sqlite_rename_column sqlite_rename_quotefix sqlite_rename_test
    sqlite_drop_column sqlite_add_constraint sqlite_drop_constraint sqlite_find_constraint
"""

ALLOWED_FUNCTIONS: Final = frozenset(
    name
    for names in (_CORE, _DATE, _AGGREGATE, _WINDOW, _MATH, _JSON, _SEARCH, _ALTER)
    for name in names.split()
)

# In the SQLite that this program is linked with, but not in Cloudflare's.
ABSENT_FUNCTIONS: Final = frozenset(
    [
        "median",
        "percentile",
        "percentile_cont",
        "percentile_disc",
        "geopoly_area",
        "geopoly_blob",
        "geopoly_json",
        "geopoly_svg",
        "geopoly_within",
        "geopoly_overlap",
        "geopoly_debug",
        "geopoly_bbox",
        "geopoly_xform",
        "geopoly_regular",
        "geopoly_ccw",
        "geopoly_group_bbox",
        "geopoly_contains_point",
        "fts3_tokenizer",
        "matchinfo",
        "offsets",
        "optimize",
        "carray",
    ]
)
ABSENT_TABLES: Final = frozenset({"carray", "dbstat"})
