// A stream of server-sent events, whole or in pieces, and everything that an EventSource over it tells.
function streamOf(...chunks) {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });
}

function listen(source, types = []) {
  const log = [];
  const told = (event) => `${event.type} ${JSON.stringify(event.data)} id=${event.lastEventId} origin=${event.origin}`;
  for (const type of ["message", ...types]) source.addEventListener(type, (event) => log.push(told(event)));
  source.addEventListener("open", (event) => log.push(`open ${source.readyState} ${event.constructor.name}`));
  return new Promise((resolve) => {
    source.addEventListener("error", (event) => {
      log.push(`error ${source.readyState} ${event.constructor.name} ${event.message} ${event.error}`);
      resolve(log);
    });
    setTimeout(() => resolve(log), 100);
  });
}

const from = (types, ...chunks) => listen(EventSource.from(streamOf(...chunks)), types);

function outcome(run) {
  try {
    return String(run());
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export default {
  async fetch() {
    const source = EventSource.from(streamOf("data: x\n\n"));
    const handlers = [];
    source.onopen = () => handlers.push("open");
    source.onmessage = ({ data }) => handlers.push(data);
    source.onerror = () => handlers.push("error");
    const early = [source.readyState, source.url, source.withCredentials];
    await scheduler.wait(30);
    const late = [source.readyState, typeof source.onmessage];
    source.close();
    const closed = EventSource.from(streamOf("data: never\n\n"));
    const closedLog = listen(closed);
    closed.close();
    const failing = new ReadableStream({
      pull(controller) { controller.error(new RangeError("broken")); },
    });
    const locked = streamOf("x");
    locked.getReader();
    return Response.json({
      early, handlers, late,
      simple: await from([], "data: one\n\ndata: two\n\n"),
      lines: await from([], "data: a\ndata: b\ndata:\ndata:c\n\n"),
      endings: await from([], "data: cr\r\rdata: crlf\r\n\r\ndata: lf\n\n"),
      named: await from(["ping", "empty"], "event: ping\ndata: 1\n\nevent: other\ndata: 2\n\nevent: empty\n\nevent:\ndata: 3\n\n"),
      ids: await from([], "id: 7\ndata: a\n\ndata: b\n\nid\ndata: c\n\nid: x\u0000y\ndata: d\n\n"),
      comments: await from([], ": nothing\ndata: a\n: more\n\n:\n\n"),
      unknown: await from([], "foo: bar\nretry: 5\nretry: x\ndata: a\n\ndata\n\n"),
      colon: await from([], "data:: a: b\n\ndata:  two spaces\n\n"),
      unfinished: await from([], "data: done\n\ndata: not finished"),
      bom: await from([], "\ufeffdata: first\n\n"),
      pieces: await from([], "da", "ta: spl", "it\n", "\ndata: caf", "\u00e9\r", "\n\r\n"),
      empty: await from([]),
      closed: [await closedLog, closed.readyState],
      failing: await listen(EventSource.from(failing)),
      locked: outcome(() => EventSource.from(locked)),
      nothing: outcome(() => EventSource.from()),
      text: outcome(() => EventSource.from("x")),
      constants: [EventSource.CONNECTING, EventSource.OPEN, EventSource.CLOSED, source.CONNECTING, source.OPEN, source.CLOSED],
    });
  },
};
