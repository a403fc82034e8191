from urllib.parse import urlsplit

from js import (
    ArrayBuffer,
    EventTarget,
    MessageChannel,
    MessageEvent,
    MessagePort,
    Object,
    queueMicrotask,
    scheduler,
    setTimeout,
)
from pyodide.ffi import JsException, create_proxy, jsnull, to_js
from workers import Response, WorkerEntrypoint


def outcome(work):
    try:
        value = work()
    except JsException as error:
        return f"{error.name}: {error.message}"
    return "undefined" if value is None else value


def plain(**members):
    return to_js(members, dict_converter=Object.fromEntries)


async def pause():
    await scheduler.wait(2)


def noting_data(notes):
    return create_proxy(lambda event: notes.append(event.data))


async def order():
    notes = []
    channel = MessageChannel.new()
    channel.port2.onmessage = noting_data(notes)
    setTimeout(create_proxy(lambda: notes.append("timeout")), 0)
    channel.port1.postMessage("first")
    channel.port1.postMessage("second")
    queueMicrotask(create_proxy(lambda: notes.append("microtask")))
    notes.append("sync")
    await pause()
    return notes


async def waiting():
    notes = []
    first = MessageChannel.new()
    first.port1.postMessage("a")
    first.port1.postMessage("b")
    await pause()
    notes.append("onmessage")
    first.port2.onmessage = noting_data(notes)
    await pause()
    second = MessageChannel.new()
    second.port1.postMessage("c")
    second.port2.addEventListener("message", noting_data(notes))
    await pause()
    notes.append("start")
    second.port2.start()
    await pause()
    third = MessageChannel.new()
    third.port1.postMessage("lost")
    third.port2.start()
    await pause()
    third.port2.onmessage = noting_data(notes)
    await pause()
    return notes


async def closing():
    notes = []
    channel = MessageChannel.new()
    port1, port2 = channel.port1, channel.port2
    port1.addEventListener("close", create_proxy(lambda event: notes.append(f"1 {event.type}")))
    port2.addEventListener("close", create_proxy(lambda event: notes.append(f"2 {event.type}")))
    port2.onmessage = noting_data(notes)
    port1.postMessage("before")
    notes.append("closing")
    port1.close()
    notes.append("closed")
    port1.close()
    await pause()
    notes += [
        outcome(lambda: port1.postMessage("late")),
        outcome(lambda: port2.postMessage("late")),
    ]
    other = MessageChannel.new()
    other.port1.postMessage("lost")
    other.port1.close()
    other.port2.onmessage = noting_data(notes)
    await pause()
    return notes


async def messages():
    notes = []
    channel = MessageChannel.new()
    port1, port2 = channel.port1, channel.port2
    data = to_js(bytes([1, 2]))

    def heard(event):
        facts = [event.type, event.lastEventId, event.origin is jsnull]
        notes.append([*facts, event.source == port2, event.ports.length])
        found = event.data
        if found is not None and found.constructor.name == "Uint8Array":
            notes.append(list(found.to_bytes()))
        else:
            notes.append("undefined" if found is None else found.to_py())

    port2.onmessage = create_proxy(heard)
    port1.postMessage(plain(a=[1]))
    port1.postMessage(data)
    port1.postMessage()
    data[0] = 9
    await pause()
    return notes


async def errors():
    channel = MessageChannel.new()
    port1, port2 = channel.port1, channel.port2
    target = EventTarget.new()

    def set_onmessage():
        port1.onmessage = 5
        return port1.onmessage is jsnull

    def defaults():
        event = MessageEvent.new("m")
        facts = [event.data, event.origin, event.lastEventId, event.source]
        return [*(None if fact is jsnull else fact for fact in facts), event.ports.length]

    def given():
        event = MessageEvent.new(
            "m", data=1, origin="o", lastEventId="l", source=port1, ports=to_js([port1])
        )
        facts = [event.data, event.origin, event.lastEventId]
        return [*facts, event.source == port1, event.ports.length]

    works = [
        lambda: port1.postMessage("x", 5),
        lambda: port1.postMessage("x", to_js([])),
        lambda: port1.postMessage("x", plain(transfer=[])),
        lambda: port1.postMessage("x", to_js([port2])),
        lambda: port1.postMessage("x", plain(transfer=[ArrayBuffer.new(1)])),
        lambda: port1.postMessage(port2),
        lambda: MessagePort.new(),
        lambda: MessageChannel(),
        lambda: str(port1),
        set_onmessage,
        lambda: hasattr(port1, "dispatchEvent"),
        lambda: MessageEvent.new(),
        lambda: MessageEvent.new("m", 5),
        lambda: MessageEvent.new("m", source=target),
        lambda: MessageEvent.new("m", ports=5),
        lambda: MessageEvent.new("m", ports=to_js([5])),
        defaults,
        given,
    ]
    return [outcome(work) for work in works]


WORKS = {
    "order": order, "waiting": waiting, "closing": closing, "messages": messages, "errors": errors,
}  # fmt: skip


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return Response.json(await WORKS[urlsplit(request.url).path[1:]]())
