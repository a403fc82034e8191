"""Flask, through the SDK's WSGI adapter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.worker import open_worker

SOURCE = """
import asyncio
from flask import Flask, Response, abort, jsonify, request, session
from pyodide.ffi import run_sync
from workers import DurableObject, env, wsgi

app = Flask(__name__)
app.secret_key = "secret"

class Object(DurableObject):
    async def add(self, amount):
        value = (await self.ctx.storage.get("value") or 0) + amount
        await self.ctx.storage.put("value", value)
        return value

@app.get("/hello/<name>")
def hello(name):
    return f"Hello {name}, {env.GREETING}"

@app.post("/json")
def echo():
    return jsonify(got=request.get_json(), kind=request.content_type)

@app.post("/form")
def form():
    file = request.files["file"]
    return jsonify(name=request.form["name"], file=[file.filename, file.read().decode()])

@app.get("/add/<int:amount>")
def add(amount):
    return str(run_sync(env.OBJECT.getByName("a").add(amount)))

@app.get("/sleep")
def sleep():
    run_sync(asyncio.sleep(0.01))
    return "slept"

@app.get("/stream")
def stream():
    def lines():
        for number in range(3):
            yield f"{number}\\n"
    return Response(lines(), mimetype="text/plain")

@app.get("/login")
def login():
    session["user"] = "ada"
    return "in"

@app.get("/user")
def user():
    return session.get("user", "nobody")

@app.get("/teapot")
def teapot():
    abort(418)

@app.get("/broken")
def broken():
    raise ValueError("a fault")

Default = wsgi.entrypoint(app)
"""
MULTIPART = (
    b'--xyz\r\nContent-Disposition: form-data; name="name"\r\n\r\nAda\r\n'
    b'--xyz\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
    b"Content-Type: text/plain\r\n\r\ncontent\r\n--xyz--\r\n"
)


def post(content_type: str, body: bytes) -> dict[str, Any]:
    """A request with a body; without its length WSGI applications do not read it."""
    headers = [("content-type", content_type), ("content-length", str(len(body)))]
    return {"method": "POST", "headers": headers, "body": body}


async def test_flask(tmp_path: Path) -> None:
    async with open_worker(tmp_path, SOURCE, variables={"GREETING": "welcome"}) as worker:
        assert (await worker.fetch("/hello/Ad%C3%A4")).text == "Hello Adä, welcome"
        echoed = await worker.fetch("/json", **post("application/json", b'{"a": [1]}'))
        assert echoed.json == {"got": {"a": [1]}, "kind": "application/json"}
        posted = await worker.fetch("/form", **post("multipart/form-data; boundary=xyz", MULTIPART))
        assert posted.json == {"name": "Ada", "file": ["a.txt", "content"]}
        assert [(await worker.fetch("/add/2")).text, (await worker.fetch("/add/3")).text] == [
            "2",
            "5",
        ]
        assert (await worker.fetch("/sleep")).text == "slept"
        assert (await worker.fetch("/stream")).text == "0\n1\n2\n"
        assert (await worker.fetch("/teapot")).status == 418
        assert (await worker.fetch("/broken")).status == 500


async def test_sessions_keep_their_cookie(tmp_path: Path) -> None:
    async with open_worker(tmp_path, SOURCE) as worker:
        cookies = dict((await worker.fetch("/login")).headers)
        cookie = next(value for name, value in cookies.items() if name.lower() == "set-cookie")
        sent = [("cookie", cookie.split(";")[0])]
        assert (await worker.fetch("/user", headers=sent)).text == "ada"
        assert (await worker.fetch("/user")).text == "nobody"


async def test_others_go_on_while_a_view_waits(tmp_path: Path) -> None:
    async with open_worker(tmp_path, SOURCE) as worker:
        answers = await worker.gather(["/sleep", "/add/1", "/sleep", "/add/1"])
        assert [found.text for found in answers] == ["slept", "1", "slept", "2"]
