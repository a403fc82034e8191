from urllib.parse import urlsplit

from workers import Response, WorkerEntrypoint


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        url = urlsplit(request.url)
        match url.path:
            case "/echo":
                return Response.json(
                    {
                        "method": request.method.value,
                        "search": f"?{url.query}" if url.query else "",
                        "host": url.netloc,
                        "header": request.headers["X-Test"],
                        "body": await request.text(),
                    }
                )
            case "/status":
                return Response(None, status=204, headers={"X-Answer": "yes"})
            case "/text":
                return Response("héé😀")
            case "/bytes":
                return Response(b"hi")
            case "/redirect":
                return Response.redirect("http://elsewhere.example/", 302)
            case "/throw":
                raise ValueError("boom")
            case _:
                return Response("Not found", status=404)
