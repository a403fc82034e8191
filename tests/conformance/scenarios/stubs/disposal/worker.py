from js import Array, Reflect, Symbol
from js import Object as JsObject
from pyodide.ffi import JsException, create_proxy, to_js
from workers import DurableObject, Response, WorkerEntrypoint, import_from_javascript


class Subject(DurableObject):
    async def adder(self, by, *_):
        return lambda value: value + by

    async def object(self):
        return {"plain": 1, "double": lambda value: value * 2}

    async def use(self, callback):
        return await callback(1)

    async def keep(self, callback):
        self.kept = callback

    async def keepDuplicate(self, callback):
        self.kept = callback.dup()

    async def useKept(self):
        return await self.kept(1)

    async def echo(self, callback):
        return callback


async def outcome(call):
    try:
        value = call()
        return await value if hasattr(value, "__await__") else value
    except JsException as error:
        remote = " [remote]" if getattr(error.js_error, "remote", None) else ""
        return f"{error.name}: {error.message.strip().splitlines()[-1]}{remote}"


def dispose(stub):
    Reflect.apply(Reflect.get(stub, Symbol.dispose), stub, to_js([]))


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        RpcStub = import_from_javascript("cloudflare:workers").RpcStub
        stub = self.env.SUBJECT.getByName("foo")._binding
        results = {}

        add = await stub.adder(5)
        duplicate = add.dup()
        results["used"] = [await add(1), await duplicate(2), add.constructor.name]
        dispose(add)
        dispose(add)
        results["disposed"] = [
            await outcome(lambda: add(1)),
            await outcome(lambda: add.member),
            await outcome(lambda: add.member()),
            await outcome(lambda: stub.use(add)),
            await duplicate(3),
        ]

        object = await stub.object()
        double = object.double
        results["object"] = [list(object.object_keys()), await double(4)]
        dispose(object)
        results["objectDisposed"] = await outcome(lambda: double(4))

        promise = getattr(Array, "from")(to_js([7]), stub.adder)[0]
        result = await promise
        dispose(promise)
        results["promiseDisposed"] = [
            await outcome(lambda: promise(1)),
            await outcome(lambda: promise.member),
            await outcome(lambda: result(1)),
        ]

        callback = create_proxy(lambda value: value + 10)
        results["parameter"] = await stub.use(callback)
        await stub.keep(callback)
        results["kept"] = await outcome(lambda: stub.useKept())
        await stub.keepDuplicate(callback)
        results["duplicated"] = await outcome(lambda: stub.useKept())
        results["echoed"] = await (await stub.echo(callback))(5)
        results["sentTwice"] = [
            await stub.use(duplicate),
            await stub.use(duplicate),
            await duplicate(1),
        ]

        made = RpcStub.new(create_proxy(lambda value: value * 3))
        results["made"] = [await made(2), await stub.use(made), made.constructor.name]
        target = {"number": 4, "more": create_proxy(lambda value: value + 1)}
        members = RpcStub.new(to_js(target, dict_converter=JsObject.fromEntries))
        results["members"] = [
            await members.number,
            await members.more(1),
            await outcome(lambda: members.nope()),
            await outcome(lambda: members.number()),
        ]
        results["refused"] = [
            await outcome(lambda: RpcStub.new(5)),
            await outcome(lambda: RpcStub.new()),
        ]
        return Response.json(results)
