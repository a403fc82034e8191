function outcome(work) {
  try {
    const value = work();
    return value === undefined ? "undefined" : value;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

function streamOf(chunks) {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });
}

function listen(source, notes) {
  source.onopen = (event) => notes.push(["open", event.type, source.readyState]);
  source.onmessage = (event) => {
    notes.push(["message", event.data, event.lastEventId, event.origin, event.source]);
  };
  source.onerror = (event) => notes.push(["error", event.message, String(event.error), source.readyState]);
  source.addEventListener("foo", (event) => notes.push(["foo", event.data, event.lastEventId]));
}

const CHUNKS = {
  fields: [
    "data: hello\n\n", "data:x\ndata: y\n\n", ": comment\n\n", "id: 7\ndata: z\n\n",
    "event: foo\ndata: bar\n\n", "data\n\n", "data:\n\n", "id\ndata: no id\n\n", "retry: 10\n\n",
    "foo: bar\ndata: unknown\n\n", "data:  spaces\n\n", "event: \ndata: nobody\n\n", "data: lost",
  ],
  lines: ["data: a\r\n\r\ndata: b\r\rdata: c\n\n", "da", "ta: sp", "lit\n", "\n", "data: d\r", "\n\r", "\ndata: e\n\n"],
  bom: ["\ufeffdata: a\n\n", "id: a\0b\ndata: x\n\n", "data: é\n\n"],
  nothing: [],
};

const WORKS = {
  async parse() {
    const results = {};
    for (const [name, chunks] of Object.entries(CHUNKS)) {
      const notes = [];
      const source = EventSource.from(streamOf(chunks));
      notes.push([source.readyState, source.url, source.withCredentials]);
      listen(source, notes);
      await scheduler.wait(3);
      results[name] = [...notes, source.readyState];
    }
    return results;
  },
  async closing() {
    const notes = [];
    const source = EventSource.from(streamOf(["data: 1\n\ndata: 2\n\n", "data: 3\n\n"]));
    source.onmessage = (event) => {
      notes.push(event.data);
      source.close();
      notes.push(source.readyState);
    };
    source.onerror = () => notes.push("error");
    await scheduler.wait(3);
    source.close();
    return [...notes, source.readyState];
  },
  async failing() {
    const notes = [];
    const broken = new ReadableStream({ start: (c) => c.error(new RangeError("bad")) });
    listen(EventSource.from(broken), notes);
    await scheduler.wait(3);
    return notes;
  },
  async errors() {
    const locked = streamOf([]);
    locked.getReader();
    return [
      outcome(() => EventSource.from()),
      outcome(() => EventSource.from(5)),
      outcome(() => EventSource.from(locked)),
      outcome(() => [EventSource.CONNECTING, EventSource.OPEN, EventSource.CLOSED]),
      outcome(() => new EventSource()),
      outcome(() => new EventSource("/rel")),
      outcome(() => new EventSource("http://x/", 5)),
      outcome(() => new EventSource("http://x/", { withCredentials: true })),
      outcome(() => new EventSource("http://x/", { fetcher: 5 })),
      outcome(() => new EventSource("http://x/", { fetcher: {} })),
      outcome(() => EventSource("http://x/")),
      outcome(() => {
        const source = EventSource.from(streamOf([]));
        source.onopen = 5;
        return [source.onopen, source.onmessage, source.onerror];
      }),
    ];
  },
};

const RESPONSES = {
  "/ok": () => ["id: 1\ndata: m\n\n", 200, "text/event-stream"],
  "/charset": () => ["data: m\n\n", 200, "text/event-stream; charset=utf-8"],
  "/created": () => ["data: m\n\n", 201, "text/event-stream"],
  "/empty": () => [null, 200, "text/event-stream"],
  "/none": () => [null, 204, "text/event-stream"],
  "/failed": () => ["x", 500, "text/event-stream"],
  "/text": () => ["x", 200, "text/plain"],
  "/throws": () => { throw new RangeError("boom"); },
};

export class Subject {
  async fetch(request) {
    const [body, status, type] = RESPONSES[new URL(request.url).pathname]();
    return new Response(body, { status, headers: { "content-type": type } });
  }
}

async function connections(env) {
  const stub = env.SUBJECT.get(env.SUBJECT.idFromName("a"));
  const results = {};
  for (const path of Object.keys(RESPONSES)) {
    const notes = [];
    const source = new EventSource(`http://x${path}`, { fetcher: stub });
    notes.push([source.readyState, source.url]);
    listen(source, notes);
    await scheduler.wait(100);
    notes.push(source.readyState);
    source.close();
    results[path] = [...notes, source.readyState];
  }
  return results;
}

export default {
  async fetch(request, env) {
    const name = new URL(request.url).pathname.slice(1);
    if (name === "connections") return Response.json(await connections(env));
    return Response.json(await WORKS[name]());
  },
};
