from workers import DurableObject, Response, WorkerEntrypoint

NAMES = {
    "accents": "héé",
    "emoji": "😀",
    "nul": "a\0b",
    "newline": "a\nb",
    "tab": "\t",
    "space": " ",
    "bom": "\ufeffa",
    "composed": "\u00e9",
    "decomposed": "e\u0301",
    "rightToLeft": "\u202eabc",
    "family": "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}",
    "quote": "\"'\\",
    "slash": "../../etc",
    "percent": "%00%2F",
    "del": "\x7f",
    "latin": "\xff",
    "max": "\U0010ffff",
    "noncharacter": "\uffff",
    "replacement": "\ufffd",
    "highSurrogate": "a\ud800",
    "lowSurrogate": "\udc00b",
    "swapped": "\udc00\ud800",
}


def codes(text):
    return " ".join(f"{ord(character):x}" for character in text)


class Subject(DurableObject):
    async def codes(self):
        return codes(self.ctx.id.name)


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        ns = self.env.SUBJECT
        out = {}
        for key, name in NAMES.items():
            name_id = ns.idFromName(name)
            stub = ns.get(name_id)
            out[key] = [str(name_id), codes(name_id.name), codes(stub.name), await stub.codes()]
        composed, decomposed = (ns.idFromName(NAMES[key]) for key in ("composed", "decomposed"))
        out["differ"] = not composed.equals(decomposed)
        return Response.json(out)
