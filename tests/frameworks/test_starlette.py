"""Starlette and FastAPI, through the SDK's ASGI adapter."""

from __future__ import annotations

from pathlib import Path

from tests.support.worker import open_worker

STARLETTE = """
import asyncio
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from workers import asgi

log = []

@asynccontextmanager
async def lifespan(app):
    log.append("startup")
    yield {"shared": "from lifespan"}
    log.append("shutdown")

async def state(request):
    return PlainTextResponse(request.state.shared)

async def body(request):
    return JSONResponse({"body": (await request.body()).decode(), "query": dict(request.query_params)})

async def background(request):
    async def later():
        await asyncio.sleep(0.01)
        log.append("background")
    return PlainTextResponse("accepted", background=BackgroundTask(later))

def sync(request):
    return PlainTextResponse("sync")

async def show_log(request):
    return JSONResponse(log)

app = Starlette(
    lifespan=lifespan,
    middleware=[Middleware(CORSMiddleware, allow_origins=["https://a.test"]), Middleware(GZipMiddleware)],
    routes=[
        Route("/state", state), Route("/body", body, methods=["POST"]), Route("/log", show_log),
        Route("/background", background), Route("/sync", sync),
        Route("/old", lambda request: RedirectResponse("/new")),
        Mount("/static", StaticFiles(directory=Path(__file__).parent / "public")),
    ],
)
Default = asgi.entrypoint(app)
"""
FASTAPI = """
from fastapi import BackgroundTasks, Cookie, Depends, FastAPI, File, Form, Header, UploadFile
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from workers import asgi

app = FastAPI()

def number():
    return 7

async def closing():
    yield "open"

@app.get("/depends")
def depends(one=Depends(number), two=Depends(closing)):
    return [one, two]

@app.post("/upload")
async def upload(file: UploadFile = File(), name: str = Form()):
    return {"name": name, "file": file.filename, "size": len(await file.read())}

@app.get("/headers")
async def headers(x_token: str = Header(), session: str = Cookie("none")):
    return [x_token, session]

@app.get("/secret")
def secret(who: HTTPBasicCredentials = Depends(HTTPBasic())):
    return who.username

@app.get("/fault")
async def fault():
    raise RuntimeError("a fault")

Default = asgi.entrypoint(app)
"""


async def test_starlette(tmp_path: Path) -> None:
    (tmp_path / "public").mkdir()
    (tmp_path / "public/hello.txt").write_text("static")
    async with open_worker(tmp_path, STARLETTE) as worker:
        assert (await worker.fetch("/state")).text == "from lifespan"
        sent = await worker.fetch("/body?a=1&b=%C3%A4", method="POST", body=b"text")
        assert sent.json == {"body": "text", "query": {"a": "1", "b": "ä"}}
        assert (await worker.fetch("/background")).text == "accepted"
        assert (await worker.fetch("/sync")).text == "sync"
        moved = await worker.fetch("/old")
        assert (moved.status, dict(moved.headers)["location"]) == (307, "/new")
        assert (await worker.fetch("/static/hello.txt")).text == "static"
        assert (await worker.fetch("/static/nothing.txt")).status == 404
        origin = [("origin", "https://a.test")]
        crossed = await worker.fetch("/sync", headers=origin)
        assert dict(crossed.headers)["access-control-allow-origin"] == "https://a.test"
        assert "background" in (await worker.fetch("/log")).json


async def test_fastapi(tmp_path: Path) -> None:
    async with open_worker(tmp_path, FASTAPI) as worker:
        assert (await worker.fetch("/depends")).json == [7, "open"]
        kind = ("content-type", "multipart/form-data; boundary=xyz")
        form = (
            b'--xyz\r\nContent-Disposition: form-data; name="name"\r\n\r\nAda\r\n'
            b'--xyz\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
            b"\x00\x01\x02\r\n--xyz--\r\n"
        )
        uploaded = await worker.fetch("/upload", method="POST", headers=[kind], body=form)
        assert uploaded.json == {"name": "Ada", "file": "a.bin", "size": 3}
        headers = [("x-token", "t"), ("cookie", "session=s")]
        assert (await worker.fetch("/headers", headers=headers)).json == ["t", "s"]
        assert (await worker.fetch("/headers")).status == 422
        refused = await worker.fetch("/secret")
        assert (refused.status, dict(refused.headers)["www-authenticate"]) == (401, "Basic")
        basic = [("authorization", "Basic YWRhOnB3")]
        assert (await worker.fetch("/secret", headers=basic)).json == "ada"
        assert (await worker.fetch("/fault")).status == 500
        assert (await worker.fetch("/depends")).status == 200
