from workers import DurableObject, Response, WorkerEntrypoint


class Sq(DurableObject):
    pass


class Lg(DurableObject):
    pass


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return Response.json(
            {
                "foo": str(self.env.SQ.idFromName("foo")),
                "empty": str(self.env.SQ.idFromName("")),
                "unicode": str(self.env.SQ.idFromName("héé😀")),
                "otherClass": str(self.env.LG.idFromName("foo")),
                "number": self.env.SQ.idFromName(123).equals(self.env.SQ.idFromName("123")),
            }
        )
