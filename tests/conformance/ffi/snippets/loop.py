# %% run_sync
can_run_sync()
run_sync(asyncio.sleep(0, 5))
run_sync(js.Promise.resolve(6))
run_sync(js.Promise.new(lambda resolve, reject: resolve(7)))
async def work(): return await asyncio.sleep(0, "worked")
run_sync(work())
run_sync(asyncio.create_task(work()))
async def fail(): raise LookupError("inside")
run_sync(fail())
run_sync(js.Promise.reject(js.TypeError.new("rejected")))
run_sync(5)
run_sync(None)
run_sync()
run_sync(work)
sorted([3, 1, 2], key=lambda x: run_sync(asyncio.sleep(0, -x)))
[run_sync(asyncio.sleep(0, i)) for i in range(3)]
class Lazy:
    def __init__(self): self.value = run_sync(work())
Lazy().value
async def nested(): return run_sync(work())
run_sync(nested())

# %% run_sync inside a callback from JavaScript
js.Array.of(1).map(lambda *args: can_run_sync())[0]
js.Array.of(1).map(lambda *args: run_sync(js.Promise.resolve(1)))
can_run_sync()
async def inner(): return can_run_sync()
await inner()
await asyncio.create_task(inner())
run_sync(inner())

# %% asyncio.run
async def main(): return await asyncio.sleep(0, "main")
asyncio.run(main())
asyncio.run(main(), debug=True)
asyncio.run(5)
async def fail(): raise KeyError("k")
asyncio.run(fail())
async def nested(): return asyncio.run(main())
await nested()
asyncio.run(nested())
asyncio.run(main)

# %% run_until_complete
loop = asyncio.get_event_loop()
async def main(): return await asyncio.sleep(0, "done")
loop.run_until_complete(main())
loop.run_until_complete(asyncio.create_task(main()))
loop.run_until_complete(js.Promise.resolve(3))
async def fail(): raise KeyError("k")
loop.run_until_complete(fail())
loop.run_until_complete(5)

# %% the loop
loop = asyncio.get_running_loop()
type(loop).__name__, loop.is_running(), loop.is_closed(), loop.get_debug()
loop.close(), loop.stop(), loop.is_closed()
loop.run_forever()
asyncio.get_event_loop() is loop
type(loop.create_future()).__name__
loop.call_later(-1, print)
type(loop.call_soon(lambda: None)).__name__, type(loop.call_later(0, lambda: None)).__name__
handle = loop.call_later(1000, print)
handle.cancel(), handle.cancelled()
await loop.run_in_executor(None, lambda x: x + 1, 4)
await asyncio.to_thread(lambda: "thread")
await asyncio.to_thread(lambda: 1 / 0)
loop.set_debug(True), loop.get_debug()
loop.set_debug(False)
abs(loop.time() - loop.time()) < 5
loop.call_soon_threadsafe(lambda: None) is not None
await loop.shutdown_asyncgens(), await loop.shutdown_default_executor()
loop.get_exception_handler()
loop.set_exception_handler(5)
loop.get_task_factory()
loop.set_task_factory(5)
repr(loop).partition(' at')[0]

# %% what the loop cannot do [314]
loop = asyncio.get_running_loop()
loop.add_reader(0, print)
loop.remove_reader(0)
loop.add_writer(0, print)
loop.remove_writer(0)
loop.add_signal_handler(2, print)
loop.remove_signal_handler(2)
await loop.create_server(print, "localhost", 0)
await loop.create_datagram_endpoint(print)
await loop.create_unix_connection(print)
await loop.subprocess_exec(print, "ls")
await loop.subprocess_shell(print, "ls")
await loop.connect_read_pipe(print, None)
await loop.connect_write_pipe(print, None)
await asyncio.create_subprocess_exec("ls")
async def text(call):
    try: value = call()
    except BaseException as e: return f"at once {type(e).__name__}: {e}"
    try: await value
    except BaseException as e: return f"{type(e).__name__}: {e}"
    return "done"
await text(lambda: loop.sock_recv(None, 5))
await text(lambda: loop.sock_recvfrom(None, 5))
await text(lambda: loop.sock_recvfrom_into(None, None))
await text(lambda: loop.sock_sendall(None, b""))
await text(lambda: loop.sock_sendto(None, b"", None))
await text(lambda: loop.sock_connect(None, None))
await text(lambda: loop.sock_accept(None))
await text(lambda: loop.sock_sendfile(None, None))
await text(lambda: loop.create_unix_server(print))
await text(lambda: loop.connect_accepted_socket(print, None))
await text(lambda: loop.start_tls(None, None, None))
await text(lambda: loop.sendfile(None, None))

# %% what the loop cannot do, without a text [0.28]
loop = asyncio.get_running_loop()
loop.add_reader(0, print)
loop.remove_reader(0)
loop.add_signal_handler(2, print)
await loop.create_server(print, "localhost", 0)
await loop.create_connection(print, "localhost", 1)
await loop.subprocess_exec(print, "ls")
await asyncio.create_subprocess_exec("ls")
await loop.connect_read_pipe(print, None)

# %% time.sleep lets other tasks run
import time
seen = []
async def other(): seen.append("other")
task = asyncio.create_task(other())
time.sleep(0.02)
seen
time.sleep(0)
time.sleep(-1)
time.sleep("x")

# %% tasks and context variables
import contextvars
v = contextvars.ContextVar("v", default="unset")
v.set("outer") is not None
async def show(): return v.get()
async def change():
    v.set("inner")
    return v.get()
await asyncio.create_task(show()), await asyncio.create_task(change()), v.get()
run_sync(show())
run_sync(change()), v.get()
asyncio.current_task() is not None
async def name(): return asyncio.current_task().get_name()
await asyncio.create_task(name(), name="mine")
len(asyncio.all_tasks()) >= 1

# %% queues, locks and events
q = asyncio.Queue()
async def produce():
    for i in range(3): await q.put(i)
task = asyncio.create_task(produce())
[await q.get() for _ in range(3)]
lock = asyncio.Lock()
async with lock: held = lock.locked()
held, lock.locked()
event = asyncio.Event()
asyncio.get_running_loop().call_soon(event.set)
await event.wait()
await asyncio.wait_for(asyncio.Event().wait(), 0.01)
await asyncio.gather(*(asyncio.sleep(0, i) for i in range(3)))
await asyncio.gather(asyncio.sleep(0), asyncio.wait_for(asyncio.sleep(1), 0.001), return_exceptions=True)

# %% a new loop is the running one
outer = asyncio.get_running_loop()
async def main(): return await asyncio.sleep(0, "done")
new = asyncio.new_event_loop()
asyncio.get_running_loop() is new, asyncio.get_running_loop() is outer
new.run_until_complete(main())
asyncio.get_running_loop() is new
await asyncio.sleep(0.001)
asyncio.get_running_loop() is new
new.close()
asyncio.get_running_loop() is new
asyncio._set_running_loop(outer)
await asyncio.sleep(0.001)
asyncio.get_running_loop() is outer

# %% a runner
outer = asyncio.get_running_loop()
async def main(): return await asyncio.sleep(0.001, asyncio.get_running_loop())
runner = asyncio.Runner()
runner.__enter__() is runner
inner = runner.run(main())
inner is outer, inner is runner.get_loop()
asyncio.get_running_loop() is outer
runner.__exit__(None, None, None)
asyncio.get_running_loop() is outer
asyncio._set_running_loop(outer)

# %% asyncio.run uses the loop that is there
outer = asyncio.get_running_loop()
async def main(): return asyncio.get_running_loop()
asyncio.run(main()) is outer
asyncio.get_running_loop() is outer
async def twice():
    first = asyncio.run(main())
    await asyncio.sleep(0)
    return first is asyncio.get_running_loop()
await twice()

# %% set_event_loop
outer = asyncio.get_running_loop()
new = asyncio.new_event_loop()
asyncio._set_running_loop(outer)
asyncio.set_event_loop(new)
asyncio.get_event_loop() is outer
asyncio.set_event_loop(None)
asyncio.get_event_loop() is outer
