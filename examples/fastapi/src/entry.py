"""A FastAPI application as a Worker: validation, dependencies, streams, a WebSocket, and a Durable
Object behind it that keeps the books of a shelf."""

import asyncio
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from workers import DurableObject, asgi


class Shelf(DurableObject):
    """The books of one shelf, in SQLite."""

    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        ctx.storage.sql.exec(
            "CREATE TABLE IF NOT EXISTS books (title TEXT PRIMARY KEY, pages INTEGER NOT NULL)"
        )

    async def add(self, title, pages):
        self.ctx.storage.sql.exec("INSERT OR REPLACE INTO books VALUES (?, ?)", title, pages)

    async def find(self, title):
        rows = self.ctx.storage.sql.exec("SELECT pages FROM books WHERE title = ?", title).toArray()
        return rows[0].pages if rows else None

    async def titles(self):
        rows = self.ctx.storage.sql.exec("SELECT title FROM books ORDER BY title")
        return [row.title for row in rows.toArray()]


class Book(BaseModel):
    title: str = Field(min_length=1, max_length=100)
    pages: int = Field(gt=0)


app = FastAPI(title="Shelves")


def bindings(request: Request):
    """The Worker's `env`, as a FastAPI dependency."""
    return request.scope["env"]


Env = Annotated[object, Depends(bindings)]


def shelf(name: str, env: Env):
    return env.SHELVES.getByName(name)


AShelf = Annotated[object, Depends(shelf)]


@app.get("/")
async def greet(env: Env, name: str = "World"):
    return {"message": f"{env.GREETING}, {name}!"}


@app.get("/shelves/{name}")
async def list_titles(shelf: AShelf) -> list[str]:
    return await shelf.titles()


@app.put("/shelves/{name}", status_code=201)
async def add(shelf: AShelf, book: Book) -> Book:
    await shelf.add(book.title, book.pages)
    return book


@app.get("/shelves/{name}/{title}")
async def find(shelf: AShelf, title: str) -> Book:
    pages = await shelf.find(title)
    if pages is None:
        raise HTTPException(404, f"No book {title!r} here")
    return Book(title=title, pages=pages)


@app.get("/sum")
def add_up(numbers: str) -> int:  # a route that is not async works too
    return sum(int(number) for number in numbers.split(","))


@app.get("/countdown")
async def count_down(start: int = 3):
    async def lines():
        for number in range(start, 0, -1):
            yield f"{number}\n"
            await asyncio.sleep(0.01)
        yield "Lift-off!\n"

    return StreamingResponse(lines(), media_type="text/plain")


@app.websocket("/echo")
async def echo(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnect:
        pass


Default = asgi.entrypoint(app)
