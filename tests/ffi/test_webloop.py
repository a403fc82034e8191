"""The WebLoop: every method of an event loop, as code inside a Worker finds it."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from typing import Any

import pytest

from emulator.ffi.webloop import PyodideFuture, PyodideTask, WebLoop, WebLoopPolicy
from tests.ffi.guest_loop import GuestLoop

ABSENT = {
    "restricted raw socket access": [
        "create_server", "create_datagram_endpoint", "connect_accepted_socket", "sock_recvfrom",
        "sock_recvfrom_into", "sock_sendto", "sock_accept",
    ],
    "lack of POSIX file descriptors": [
        "add_reader", "remove_reader", "add_writer", "remove_writer",
    ],
    "absence of OS pipes": ["connect_read_pipe", "connect_write_pipe"],
    "absence of Unix domain sockets": ["create_unix_connection", "create_unix_server"],
    "missing OS file descriptors and zero-copy facilities": ["sendfile", "sock_sendfile"],
    "absence of OS process APIs": ["subprocess_exec", "subprocess_shell"],
    "lack of POSIX signals": ["add_signal_handler", "remove_signal_handler"],
}  # fmt: skip


# -- scheduling ----------------------------------------------------------------------------------


def test_callbacks_run_in_order_with_their_arguments(guest: GuestLoop) -> None:
    seen: list[Any] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(seen.append, 1)
        loop.call_soon(lambda *args: seen.append(args), 2, 3)
        await asyncio.sleep(0)

    guest.run(main())
    assert seen == [1, (2, 3)]


def test_a_cancelled_callback_does_not_run(guest: GuestLoop) -> None:
    seen: list[str] = []

    async def main() -> list[bool]:
        loop = asyncio.get_running_loop()
        handles = [
            loop.call_soon(seen.append, "soon"),
            loop.call_later(1, seen.append, "later"),
            loop.call_later(0, seen.append, "later 0"),
            loop.call_at(loop.time() + 1, seen.append, "at"),
        ]
        for handle in handles:
            handle.cancel()
            handle.cancel()
        await asyncio.sleep(5)
        return [handle.cancelled() for handle in handles]

    assert guest.run(main()) == [True] * 4
    assert seen == []


def test_timers_run_at_their_time(guest: GuestLoop) -> None:
    async def main() -> list[tuple[str, float]]:
        loop = asyncio.get_running_loop()
        start = loop.time()
        seen: list[tuple[str, float]] = []

        def note(name: str) -> None:
            seen.append((name, round(loop.time() - start, 6)))

        loop.call_later(2, note, "later 2")
        loop.call_at(start + 1, note, "at 1")
        loop.call_at(start - 5, note, "in the past")
        loop.call_later(0, note, "later 0")
        timer = loop.call_later(3, note, "later 3")
        assert round(timer.when() - start, 6) == 3
        await asyncio.sleep(4)
        return seen

    assert guest.run(main()) == [
        ("in the past", 0), ("later 0", 0), ("at 1", 1), ("later 2", 2), ("later 3", 3),
    ]  # fmt: skip


def test_a_delay_is_not_negative_and_may_be_infinite(guest: GuestLoop) -> None:
    async def main() -> str:
        loop = asyncio.get_running_loop()
        loop.call_later(float("inf"), print).cancel()
        try:
            loop.call_later(-1, print)
        except ValueError as error:
            return str(error)
        return "nothing"

    assert guest.run(main()) == "Can't schedule in the past"


def test_callbacks_from_other_threads_are_queued(guest: GuestLoop) -> None:
    seen: list[str] = []
    guest.loop.call_soon_threadsafe(seen.append, "threadsafe")
    assert seen == []
    guest.turn()
    assert seen == ["threadsafe"]


def test_callbacks_run_in_the_context_they_are_given(guest: GuestLoop) -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")
    seen: list[str] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        given = contextvars.copy_context()
        given.run(variable.set, "given")
        variable.set("own")

        def note() -> None:
            seen.append(variable.get())

        loop.call_soon(note)
        loop.call_soon(note, context=given)
        loop.call_later(0, note, context=given)
        loop.call_later(1, note)
        loop.call_soon_threadsafe(note, context=given)
        await asyncio.sleep(2)

    guest.run(main())
    assert seen == ["own", "given", "given", "given", "own"]


# -- futures and tasks ---------------------------------------------------------------------------


def test_futures_and_tasks_are_pyodides(guest: GuestLoop) -> None:
    async def main() -> list[bool]:
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(asyncio.sleep(0), name="mine")
        await task
        return [
            isinstance(loop.create_future(), PyodideFuture),
            isinstance(task, PyodideTask),
            isinstance(asyncio.current_task(), PyodideTask),
            task.get_name() == "mine",
            task.get_loop() is loop,
        ]

    assert guest.run(main()) == [True] * 5


def test_a_task_may_have_a_context(guest: GuestLoop) -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")

    async def read() -> str:
        return variable.get()

    async def main() -> str:
        context = contextvars.copy_context()
        context.run(variable.set, "given")
        return await asyncio.get_running_loop().create_task(read(), context=context)

    assert guest.run(main()) == "given"


def test_a_task_factory_makes_the_tasks(guest: GuestLoop) -> None:
    made: list[str] = []

    def factory(loop: Any, coroutine: Any, **options: Any) -> asyncio.Task[Any]:
        made.append(coroutine.__name__)
        return PyodideTask(coroutine, loop=loop, **options)

    async def child() -> int:
        return 1

    async def main() -> int:
        loop = asyncio.get_running_loop()
        assert loop.get_task_factory() is None
        loop.set_task_factory(factory)
        assert loop.get_task_factory() is factory
        try:
            return await asyncio.create_task(child())
        finally:
            loop.set_task_factory(None)

    assert guest.run(main()) == 1
    assert made == ["child"]


def test_structured_concurrency_works(guest: GuestLoop) -> None:
    async def child(number: int) -> int:
        await asyncio.sleep(number)
        return number

    async def main() -> list[Any]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(child(number)) for number in range(3)]
        waited = await asyncio.wait([asyncio.create_task(child(1))], timeout=0.5)
        shielded = await asyncio.shield(child(1))
        try:
            await asyncio.wait_for(child(5), 1)
        except TimeoutError:
            timed_out = True
        queue: asyncio.Queue[int] = asyncio.Queue()
        async with asyncio.timeout(1):
            await queue.put(7)
            got = await queue.get()
        return [[task.result() for task in tasks], len(waited[1]), shielded, timed_out, got]

    assert guest.run(main()) == [[0, 1, 2], 1, 1, True, 7]


# -- promise methods of futures ------------------------------------------------------------------


def chain(guest: GuestLoop, build: Callable[[PyodideFuture[Any]], Any], outcome: Any) -> Any:
    """What a chain on a future comes to; exceptions as text."""

    async def main() -> Any:
        future: PyodideFuture[Any] = asyncio.get_running_loop().create_future()  # type: ignore[assignment]
        result = build(future)
        if isinstance(outcome, BaseException):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
        try:
            return await result
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    return guest.run(main())


async def _double(value: int) -> int:
    await asyncio.sleep(1)
    return value * 2


def _fail(value: Any) -> Any:
    raise KeyError("handler")


@pytest.mark.parametrize(
    ("build", "outcome", "expected"),
    [
        (lambda f: f.then(lambda v: v + 1), 1, 2),
        (lambda f: f.then(_double), 2, 4),
        (lambda f: f.then(None), 1, 1),
        (lambda f: f.then(_fail), 1, "KeyError: 'handler'"),
        (lambda f: f.then(lambda v: v), ValueError("boom"), "ValueError: boom"),
        (lambda f: f.then(None, str), ValueError("boom"), "boom"),
        (lambda f: f.then(_fail, str), ValueError("boom"), "boom"),
        (lambda f: f.then(None, _fail), ValueError("boom"), "KeyError: 'handler'"),
        (lambda f: f.catch(str), ValueError("boom"), "boom"),
        (lambda f: f.catch(str), 5, 5),
        (lambda f: f.finally_(lambda: 9), 5, 5),
        (lambda f: f.finally_(lambda: 9), ValueError("boom"), "ValueError: boom"),
        (lambda f: f.finally_(lambda: _fail(0)), 5, "KeyError: 'handler'"),
        (lambda f: f.then(lambda v: v + 1).then(_double).catch(str), 1, 4),
    ],
)
def test_futures_have_the_methods_of_promises(
    guest: GuestLoop, build: Any, outcome: Any, expected: Any
) -> None:
    assert chain(guest, build, outcome) == expected


def test_a_cancelled_future_is_caught(guest: GuestLoop) -> None:
    async def main() -> str:
        future: Any = asyncio.get_running_loop().create_future()
        result = future.catch(lambda error: type(error).__name__)
        future.cancel()
        return await result

    assert guest.run(main()) == "CancelledError"


def test_syncify_blocks_the_stack(guest: GuestLoop) -> None:
    async def main() -> list[Any]:
        task: Any = asyncio.create_task(_double(4))
        return [task.syncify(), task.then(lambda v: v + 1).syncify()]

    assert guest.run(main()) == [8, 9]


# -- running -------------------------------------------------------------------------------------


def test_a_web_loop_is_always_running_and_cannot_be_stopped(guest: GuestLoop) -> None:
    loop = guest.loop
    loop.stop()
    loop.close()
    loop.run_forever()
    loop.set_debug(True)
    assert [loop.is_running(), loop.is_closed(), loop.get_debug()] == [True, False, True]


def test_run_until_complete_blocks_the_stack(guest: GuestLoop) -> None:
    def main() -> list[int]:
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        loop.call_later(1, future.set_result, 5)
        return [loop.run_until_complete(_double(2)), loop.run_until_complete(future)]

    assert guest.call(main) == [4, 5]


def test_executors_run_inline(guest: GuestLoop) -> None:
    async def main() -> list[Any]:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(None)
        ran: list[str] = []
        future = loop.run_in_executor(None, ran.append, "inline")
        assert ran == ["inline"]
        await future
        try:
            await loop.run_in_executor(None, _fail, 1)
        except KeyError as error:
            failed = str(error)
        threaded = await asyncio.to_thread(lambda: "to_thread")
        await loop.shutdown_default_executor()
        await loop.shutdown_asyncgens()
        return [failed, threaded]

    assert guest.run(main()) == ["'handler'", "to_thread"]


@pytest.mark.parametrize(
    ("name", "reason"), [(name, reason) for reason, names in ABSENT.items() for name in names]
)
def test_what_a_worker_cannot_have_says_why(guest: GuestLoop, name: str, reason: str) -> None:
    def call() -> None:
        # Coroutine functions say it when they are awaited.
        getattr(guest.loop, name)().send(None)

    with pytest.raises(NotImplementedError) as caught:
        call()
    assert str(caught.value) == (
        f"{name}() is not available in browser environments due to {reason}."
    )


def test_every_method_of_an_event_loop_is_there() -> None:
    left = {
        name
        for name in dir(asyncio.AbstractEventLoop)
        if not name.startswith("_")
        and getattr(WebLoop, name) is getattr(asyncio.AbstractEventLoop, name)
    }
    assert left == set()


# -- errors --------------------------------------------------------------------------------------


def test_an_exception_of_a_callback_is_logged_and_stops_nothing(guest: GuestLoop) -> None:
    seen: list[str] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(_fail, 1)
        loop.call_soon(seen.append, "next")
        await asyncio.sleep(0)

    guest.run(main())
    assert seen == ["next"]
    ((level, text),) = guest.console_entries
    assert level == "error"
    assert text.startswith("Exception in callback <function _fail")
    assert text.rstrip().endswith("KeyError: 'handler'")


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_even_these_stop_nothing(guest: GuestLoop, kind: type[BaseException]) -> None:
    def leave() -> None:
        raise kind

    async def main() -> str:
        asyncio.get_running_loop().call_soon(leave)
        await asyncio.sleep(1)
        return "ok"

    assert guest.run(main()) == "ok"
    assert len(guest.console_entries) == 1


def test_an_exception_handler_gets_the_errors(guest: GuestLoop) -> None:
    contexts: list[dict[str, Any]] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert loop.get_exception_handler() is None

        def handler(_: Any, context: dict[str, Any]) -> None:
            contexts.append(context)
            if len(contexts) > 1:
                raise ValueError("handler fails")

        loop.set_exception_handler(handler)
        assert loop.get_exception_handler() is handler
        loop.call_soon(_fail, 1)
        loop.call_exception_handler({"message": "second", "extra": 5})
        await asyncio.sleep(0)
        loop.set_exception_handler(None)
        loop.call_exception_handler({"message": "third", "extra": 5})

    guest.run(main())
    assert [context["message"][:21] for context in contexts] == ["second", "Exception in callback"]
    assert isinstance(contexts[1]["exception"], KeyError)
    texts = [text for _, text in guest.console_entries]
    assert texts[0].startswith("Unhandled error in exception handler")
    assert texts[1] == "third\nextra: 5"


def test_a_closed_context_logs_nothing(guest: GuestLoop) -> None:
    guest.jobs.close()
    guest.loop.call_exception_handler({"message": "late"})
    assert guest.console_entries == []


# -- more loops ----------------------------------------------------------------------------------


def test_a_loop_made_by_a_guest_is_another_face_of_its_context(guest: GuestLoop) -> None:
    async def main() -> list[Any]:
        outer = asyncio.get_running_loop()
        made = WebLoop()  # type: ignore[abstract]
        try:
            shared = [made is asyncio.get_running_loop(), made.time() == outer.time()]
            seen: list[str] = []
            outer.call_soon(seen.append, "outer")
            made.call_soon(seen.append, "made")
        finally:
            asyncio._set_running_loop(outer)
        await asyncio.sleep(1)
        return [shared, seen]

    assert guest.run(main()) == [[True, True], ["outer", "made"]]


def test_the_policy_gives_the_running_loop(guest: GuestLoop) -> None:
    policy = WebLoopPolicy()
    policy.set_event_loop(None)

    def main() -> list[bool]:
        loop = asyncio.get_running_loop()
        made = policy.new_event_loop()
        asyncio._set_running_loop(loop)
        return [policy.get_event_loop() is loop, isinstance(made, WebLoop)]

    assert guest.call(main) == [True, True]


def test_the_repr_is_that_of_any_object(guest: GuestLoop) -> None:
    assert repr(guest.loop).startswith("<pyodide.webloop.WebLoop object at 0x")
