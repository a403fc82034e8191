from urllib.parse import urlsplit

from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


def plain(value):
    return {"bytes": list(value)} if isinstance(value, memoryview) else value


class Subject(DurableObject):
    def run(self, *statements):
        """Rows of each statement, or what is wrong with it."""
        return [self.one(statement) for statement in statements]

    def one(self, statement):
        try:
            rows = list(self.ctx.storage.sql.exec(statement).raw())
        except JsException as error:
            return f"{error.name}: {error.message}"
        return [[plain(value) for value in row] for row in rows]

    async def reading(self):
        return self.run(
            "select json('{\"a\" : [1, 2.50, null]}')",
            'select json_extract(\'{"a":{"b":[1,"two",null]}}\', \'$.a.b[1]\', '
            "'$.a.b[2]', '$.a.x')",
            "select '{\"a\":[10,20]}' -> '$.a', '{\"a\":[10,20]}' ->> '$.a[#-1]', "
            "'{\"a\":1}' ->> 'a', '[7,8]' -> 1",
            "select json_type('[1,2.5,\"x\",true,null,{}]', '$[' || value || ']') "
            "from json_each('[0,1,2,3,4,5,6]')",
            "select json_valid('{\"a\":1}'), json_valid('{a:1}'), json_valid('{a:1}', "
            "2), json_valid(null), json_valid('')",
            "select json_array_length('[1,2,3]'), json_array_length('{\"a\":[1]}', "
            "'$.a'), json_array_length('5')",
            "select json_quote('a\"b'), json_quote(5), json_quote(null), json_quote(1.0)",
        )

    async def writing(self):
        return self.run(
            "select json_set('{\"a\":1}', '$.a', 2, '$.b', json('[1]')), "
            "json_insert('{\"a\":1}', '$.a', 2, '$.c', 3), json_replace('{\"a\":1}', "
            "'$.a', 2, '$.c', 3)",
            "select json_remove('{\"a\":1,\"b\":[1,2,3]}', '$.b[1]', '$.a'), "
            "json_remove('[1]', '$')",
            'select json_patch(\'{"a":1,"b":2}\', \'{"a":null,"c":{"d":1}}\')',
            "select json_object('a', 1, 'b', json_array(1, 'x', null)), "
            "json_array(), json_object()",
            "select json_group_array(value), json_group_object(key, value) from "
            'json_each(\'{"x":1,"y":"z"}\')',
            "select json_array(1.0, 1e21, 0.1, -0.0, 9007199254740993)",
        )

    async def tables(self):
        return self.run(
            "select key, value, type, atom, fullkey, path from "
            'json_each(\'{"a":1,"b":[true,null]}\')',
            'select fullkey, type, atom from json_tree(\'{"a":[1,{"b":2}]}\')',
            "select value from json_each('[1,2,3]', '$') where value > 1",
            "select count(*) from json_each('5')",
            "select * from json_each('[') limit 1",
            "create table docs(id integer primary key, doc text, total as "
            "(json_extract(doc, '$.total')) stored)",
            'insert into docs(doc) values(\'{"total":5,"tags":["a","b"]}\'), '
            '(\'{"total":7,"tags":["b"]}\')',
            "create index by_total on docs(json_extract(doc, '$.total'))",
            "select docs.id, tag.value from docs, json_each(docs.doc, '$.tags') tag order by 1, 2",
            "select total from docs where json_extract(doc, '$.total') > 5",
            "update docs set doc = json_set(doc, '$.total', total + 1) returning total",
        )

    async def binary(self):
        return self.run(
            "select typeof(jsonb('[1]')), length(jsonb('[1]')), json(jsonb('{\"a\":1}'))",
            "select jsonb('[1,2]')",
            "select json_extract(jsonb('[1,2]'), '$[1]')",
            "select json(jsonb_set(jsonb('{}'), '$.a', 1)), json(jsonb_array(1,2)), "
            "json(jsonb_object('a',1)), json(jsonb_group_array(1))",
            "select json(x'ff')",
        )

    async def errors(self):
        return self.run(
            "select json('[')",
            "select json_extract('{', '$.a')",
            "select json_extract('{}', 'a')",
            "select json_set('{}', '$.a')",
            "select json_object('a')",
            "select json_object(1, 2)",
            "select json_array(x'00')",
            "select json_pretty('[1]')",
            "select json_error_position('[')",
            "select json_valid('1', 99)",
            "select json_each('[1]')",
            "select * from json_each",
        )


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        return Response.json(await getattr(self.env.SUBJECT.getByName(method), method)())
