import re
from urllib.parse import urlsplit

from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


def plain(value):
    return {"bytes": list(value)} if isinstance(value, memoryview) else value


def row(item):
    return {key: plain(value) for key, value in item.items()}


def outcome(call):
    try:
        return call()
    except JsException as error:
        return f"{error.name}: {error.message}"


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.sql = ctx.storage.sql

    def rows(self, sql, *bindings):
        return outcome(lambda: [row(item) for item in self.sql.exec(sql, *bindings).toArray()])

    async def scalars(self):
        statements = [
            ["select abs(1) as v"],
            ["select acos(1) as v"],
            ["select atan2(1,1) as v"],
            ["select ceil(1.5) as v"],
            ["select ceiling(1) as v"],
            ["select degrees(0) as v"],
            ["select floor(1.5) as v"],
            ["select ln(1) as v"],
            ["select log(100) as v"],
            ["select log(2,8) as v"],
            ["select log10(1) as v"],
            ["select log2(8) as v"],
            ["select mod(7,3) as v"],
            ["select pow(2,3) as v"],
            ["select power(2,3) as v"],
            ["select sign(-2) as v"],
            ["select sqrt(4) as v"],
            ["select trunc(1.5) as v"],
            ["select json('[1]') as v"],
            ["select hex(jsonb('[1]')) as v"],
            ["select json_array(1) as v"],
            ["select json_array_length('[1,2]') as v"],
            ["select json_error_position('x') as v"],
            ["select json_extract('{\"a\":1}','$.a') as v"],
            ["select '{\"a\":1}' ->> 'a' as v"],
            ["select json_pretty('[1]') as v"],
            ["select json_array_insert('[1]',0,1) as v"],
            ["select json_group_array(1) as v"],
            ["select if(1,2,3) as v"],
            ["select iif(1,2,3) as v"],
            ["select iif(0,2) as v"],
            ["select unistr('a') as v"],
            ["select subtype(1) as v"],
            ["select sqlite_version() as v"],
            ["select sqlite_source_id() as v"],
            ["select sqlite_compileoption_get(1) as v"],
            ["select sqlite_offset(1) as v"],
            ["select soundex(1) as v"],
            ["select quote('a') as v"],
            ["select format('%d',5) as v"],
            ["select concat(1,2) as v"],
            ["select concat_ws('-',1,2) as v"],
            ["select octet_length('é') as v"],
            ["select string_agg('a',',') as v"],
            ["select unhex('41') as v"],
            ["select timediff('2020-01-02','2020-01-01') as v"],
            ["select date('2020-01-31','+1 month') as v"],
            ["select strftime('%Y','2020-01-01') as v"],
            ["select unixepoch('2020-01-01') as v"],
            ["select julianday('2000-01-01') as v"],
            ["select row_number() over () as v"],
            ["select ntile(1) over () as v"],
            ["select median(1) as v"],
            ["select percentile(1,2) as v"],
            ["select percentile_cont(1,0.5) as v"],
            ["select regexp('a','a') as v"],
            ["select uuid() as v"],
            ["select base64('a') as v"],
            ["select decimal('1') as v"],
            ["select sha1('a') as v"],
            ["select geopoly_area(1) as v"],
            ["select match(1,1) as v"],
            ["select highlight(1,1,1,1) as v"],
            ["select rtreenode(1,1) as v"],
            ["select fts5(1) as v"],
            ["select load_extension('x') as v"],
            ["select matchinfo(1) as v"],
            ["select sqlite_rename_table(1,1,1,1,1,1,1) as v"],
            ["select last_insert_rowid() as v"],
            ["select total_changes() as v"],
            ["select likely(1) as v"],
            ["select char(65,66) as v"],
            ["select instr('abc','c') as v"],
            ["select nullif(1,1) as v"],
            ["select typeof(zeroblob(2)) as v"],
            ["select glob('a*','ab') as v"],
            ["select 'a' like 'A' as v"],
            ["select max(1,2) as v"],
            ["select min(2,1) as v"],
            ["select round(1.25,1) as v"],
            ["select unicode('A') as v"],
            ["select length(randomblob(4)) as v"],
        ]
        return [self.rows(*statement) for statement in statements]

    async def search(self):
        statements = [
            ["create virtual table f using fts5(a)"],
            ["insert into f values('hello world'), ('other')"],
            [
                "select highlight(f, 0, '[', ']') as h, snippet(f, 0, '<', '>', '...', 3) as s from f where f match 'hello'"
            ],
            ["select bm25(f) < 0 as b from f('hello')"],
            ["create virtual table r using rtree(id, lo, hi)"],
            ["insert into r values(1, 2, 3)"],
            ["select * from r where lo >= 1"],
            ["select value from json_each('[1,2]')"],
            ["select key, value from json_tree('{\"a\":[5]}') where atom is not null"],
            ["drop table f"],
            ["drop table r"],
            ["select name from sqlite_master"],
        ]
        return [self.rows(*statement) for statement in statements]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        try:
            return Response.json(await getattr(self.env.SUBJECT.getByName("subject"), method)())
        except JsException as error:
            message = re.sub(r"reference = \w+", "reference = ...", error.message)
            reset = bool(getattr(error.js_error, "durableObjectReset", False))
            return Response.json({"failed": message, "reset": reset})
