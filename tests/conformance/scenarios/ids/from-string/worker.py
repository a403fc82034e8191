from js import Object
from pyodide.ffi import JsException, jsnull, to_js
from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    pass


class Other(DurableObject):
    pass


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        ns = self.env.SUBJECT
        foo = ns.idFromName("foo")
        text = str(foo)
        base = text[:32]

        def flip(at):
            return text[:at] + ("1" if text[at] == "0" else "0") + text[at + 1 :]

        given = {
            "same": text,
            "upper": text.upper(),
            "mixed": text[:40].upper() + text[40:],
            "short": text[:63],
            "long": text + "0",
            "half": base,
            "twice": text + text,
            "spaceBefore": " " + text,
            "spaceAfter": text + " ",
            "newline": text + "\n",
            "zeroX": "0x" + text[2:],
            "minus": "-" + text[1:],
            "inner": text[:30] + "  " + text[32:],
            "g": "g" + text[1:],
            "wideDigits": "\N{FULLWIDTH DIGIT ZERO}" * 64,
            "arabicDigits": "\N{ARABIC-INDIC DIGIT ZERO}" * 64,
            "zeros": "0" * 64,
            "effs": "f" * 64,
            "baseFlipped": flip(0),
            "macFlipped": flip(63),
            "swapped": text[32:] + base,
            "foreign": str(self.env.OTHER.idFromName("foo")),
            "number": 1234,
            "nothing": jsnull,
            "undefined": None,
            "list": to_js([text]),
            "object": Object.new(),
            "nul": text + "\0",
            "anId": foo,
        }
        return Response.json({key: self.parsed(value) for key, value in given.items()})

    def parsed(self, value):
        ns = self.env.SUBJECT
        try:
            found = ns.idFromString(value)
        except JsException as error:
            return f"{error.name}: {error.message}"
        return [str(found), getattr(found, "name", None), found.equals(ns.idFromName("foo"))]
