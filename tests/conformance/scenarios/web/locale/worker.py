"""The request's body lists calls `[what, value, *arguments]`; tells what they format to."""

from js import Date, Intl, Number, Object
from pyodide.ffi import JsException, to_js
from workers import Response, WorkerEntrypoint

CALLS = {
    "date": lambda time, *args: Date.new(time).toLocaleDateString(*args),
    "time": lambda time, *args: Date.new(time).toLocaleTimeString(*args),
    "both": lambda time, *args: Date.new(time).toLocaleString(*args),
    "number": lambda number, *args: Object(Number(number)).toLocaleString(*args),
    "dateFormat": lambda time, *args: Intl.DateTimeFormat.new(*args).format(time),
    "numberFormat": lambda number, *args: Intl.NumberFormat.new(*args).format(number),
    "dateOptions": lambda _, *args: Intl.DateTimeFormat.new(*args).resolvedOptions().to_py(),
    "dateParts": lambda time, *args: Intl.DateTimeFormat.new(*args).formatToParts(time).to_py(),
}


def argument(value):
    return to_js(value, dict_converter=Object.fromEntries)


def outcome(what, value, *args):
    try:
        return CALLS[what](0 if value is None else value, *map(argument, args))
    except JsException as error:
        return f"{error.name}: {error.message}"


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return Response.json([outcome(*call) for call in await request.json()])
