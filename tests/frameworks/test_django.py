"""Django, through the SDK's ASGI adapter: asgiref runs synchronous views with threads."""

from __future__ import annotations

from pathlib import Path

from tests.support.worker import open_worker

SOURCE = """
import asyncio
import django
from django.conf import settings
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path
from workers import asgi

if not settings.configured:
    settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="x")
    django.setup(set_prefix=False)

from django.core.asgi import get_asgi_application

async def wait(request):
    await asyncio.sleep(0.01)
    return HttpResponse("waited")

def sync(request):
    return JsonResponse({"method": request.method, "env": request.headers["x-a"]})

async def stream(request):
    async def lines():
        for number in range(3):
            yield f"{number} "
    return StreamingHttpResponse(lines())

urlpatterns = [path("wait", wait), path("sync", sync), path("stream", stream)]
Default = asgi.entrypoint(get_asgi_application())
"""


async def test_django_over_asgi(tmp_path: Path) -> None:
    async with open_worker(tmp_path, SOURCE) as worker:
        assert (await worker.fetch("/wait")).text == "waited"
        found = await worker.fetch("/sync", headers=[("x-a", "b")])
        assert found.json == {"method": "GET", "env": "b"}
        assert (await worker.fetch("/stream")).text == "0 1 2 "
        assert (await worker.fetch("/nothing")).status == 404
        answers = await worker.gather(["/wait", "/wait", "/stream"])
        assert [answer.text for answer in answers] == ["waited", "waited", "0 1 2 "]
