from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


class Custom(ValueError):
    pass


def caused():
    error = Custom("m")
    error.__cause__ = TypeError("why")
    return error


THROWN = {
    "Error": lambda: Exception("m"),
    "TypeError": lambda: TypeError("m"),
    "RangeError": lambda: ValueError("m"),
    "SyntaxError": lambda: SyntaxError("m"),
    "ReferenceError": lambda: NameError("m"),
    "empty": Exception,
    "emptyType": TypeError,
    "lines": lambda: Exception("a\nb"),
    "typeWithLines": lambda: TypeError("a\n\nb"),
    "unicode": lambda: Exception("hé😀"),
    "long": lambda: Exception("x" * 5000),
    "colon": lambda: Exception("TypeError: inner"),
    "prefix": lambda: Exception("jsg.TypeError: inner"),
    "remotePrefix": lambda: Exception("remote.jsg.Error: inner"),
    "brokenPrefix": lambda: Exception("broken.exceededMemory; jsg.Error: inner"),
    "custom": lambda: Custom("m"),
    "caused": caused,
}


class Subject(DurableObject):
    async def fail(self, key):
        error = THROWN[key]()
        raise error


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        ns = self.env.SUBJECT
        stub = ns.getByName("foo")
        out = {}
        for key in THROWN:
            try:
                await stub.fail(key)
            except JsException as error:
                out[key] = {
                    "name": error.name,
                    "message": error.message,
                    "remote": getattr(error, "remote", None),
                    "reset": getattr(error, "durableObjectReset", None),
                    "retryable": getattr(error, "retryable", None),
                    "byObject": error.durableObjectId == str(ns.idFromName("foo")),
                }
        return Response.json(out)
