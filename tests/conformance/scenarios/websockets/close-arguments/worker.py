import js
from pyodide.ffi import JsException, jsnull
from workers import Response, WorkerEntrypoint


def outcome(run):
    try:
        value = run()
    except JsException as error:
        return f"{error.name}: {error.message}"
    return "undefined" if value is None else js.String(value)


def attempt(*args):
    client, server = js.WebSocketPair.new()
    client.accept()
    server.accept()
    result = outcome(lambda: server.close(*args))
    return f"{result} state={server.readyState}"


CODES = (
    0, 99, 999, 1000, 1001, 1003, 1004, 1005, 1006, 1007, 1011, 1014, 1015,
    1016, 2999, 3000, 4999, 5000, -1, 65536, 1000.9, "3000", "x", jsnull, True,
)  # fmt: skip


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        server = list(js.WebSocketPair.new())[1]
        server.accept()
        constants = js.WebSocket
        return Response.json(
            {
                "codes": {js.String(code): attempt(code) for code in CODES},
                "none": attempt(),
                "undefinedCode": attempt(None),
                "reasonOnly": attempt(None, "why"),
                "emptyReasonOnly": attempt(None, ""),
                "nullReason": attempt(1000, jsnull),
                "longest": attempt(1000, "x" * 123),
                "tooLong": attempt(1000, "x" * 124),
                "tooManyBytes": attempt(1000, "\u00fc" * 62),
                "sendNothing": outcome(lambda: server.send()),
                "first": outcome(lambda: server.close(1000)),
                "second": outcome(lambda: server.close(1001)),
                "invalidSecond": outcome(lambda: server.close(99)),
                "sendAfter": outcome(lambda: server.send("x")),
                "sendNothingAfter": outcome(lambda: server.send()),
                "constants": [
                    constants.CONNECTING,
                    constants.OPEN,
                    constants.CLOSING,
                    constants.CLOSED,
                    server.READY_STATE_OPEN,
                    constants.READY_STATE_CLOSED,
                    server.OPEN,
                ],
            }
        )
