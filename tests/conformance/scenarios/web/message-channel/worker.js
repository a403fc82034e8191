function outcome(work) {
  try {
    const value = work();
    return value === undefined ? "undefined" : value;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

const pause = () => scheduler.wait(2);

async function order() {
  const notes = [];
  const { port1, port2 } = new MessageChannel();
  port2.onmessage = (event) => notes.push(event.data);
  setTimeout(() => notes.push("timeout"), 0);
  port1.postMessage("first");
  port1.postMessage("second");
  queueMicrotask(() => notes.push("microtask"));
  notes.push("sync");
  await pause();
  return notes;
}

async function waiting() {
  const notes = [];
  const first = new MessageChannel();
  first.port1.postMessage("a");
  first.port1.postMessage("b");
  await pause();
  notes.push("onmessage");
  first.port2.onmessage = (event) => notes.push(event.data);
  await pause();
  const second = new MessageChannel();
  second.port1.postMessage("c");
  second.port2.addEventListener("message", (event) => notes.push(event.data));
  await pause();
  notes.push("start");
  second.port2.start();
  await pause();
  const third = new MessageChannel();
  third.port1.postMessage("lost");
  third.port2.start();
  await pause();
  third.port2.onmessage = (event) => notes.push(event.data);
  await pause();
  return notes;
}

async function closing() {
  const notes = [];
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener("close", (event) => notes.push(`1 ${event.type}`));
  port2.addEventListener("close", (event) => notes.push(`2 ${event.type}`));
  port2.onmessage = (event) => notes.push(event.data);
  port1.postMessage("before");
  notes.push("closing");
  port1.close();
  notes.push("closed");
  port1.close();
  await pause();
  notes.push(outcome(() => port1.postMessage("late")), outcome(() => port2.postMessage("late")));
  const other = new MessageChannel();
  other.port1.postMessage("lost");
  other.port1.close();
  other.port2.onmessage = (event) => notes.push(event.data);
  await pause();
  return notes;
}

async function messages() {
  const notes = [];
  const { port1, port2 } = new MessageChannel();
  const bytes = new Uint8Array([1, 2]);
  port2.onmessage = (event) => {
    const { type, data, origin, lastEventId, source, ports } = event;
    notes.push([type, lastEventId, origin === null, source === port2, ports.length]);
    notes.push(data instanceof Uint8Array ? [...data] : data === undefined ? "undefined" : data);
  };
  port1.postMessage({ a: [1] });
  port1.postMessage(bytes);
  port1.postMessage();
  bytes[0] = 9;
  await pause();
  return notes;
}

async function errors() {
  const { port1, port2 } = new MessageChannel();
  const target = new EventTarget();
  return [
    outcome(() => port1.postMessage("x", 5)),
    outcome(() => port1.postMessage("x", [])),
    outcome(() => port1.postMessage("x", { transfer: [] })),
    outcome(() => port1.postMessage("x", [port2])),
    outcome(() => port1.postMessage("x", { transfer: [new ArrayBuffer(1)] })),
    outcome(() => port1.postMessage(port2)),
    outcome(() => new MessagePort()),
    outcome(() => MessageChannel()),
    outcome(() => String(port1)),
    outcome(() => { port1.onmessage = 5; return port1.onmessage === null; }),
    outcome(() => port1 instanceof EventTarget),
    outcome(() => new MessageEvent()),
    outcome(() => new MessageEvent("m", 5)),
    outcome(() => new MessageEvent("m", { source: target })),
    outcome(() => new MessageEvent("m", { ports: 5 })),
    outcome(() => new MessageEvent("m", { ports: [5] })),
    outcome(() => {
      const event = new MessageEvent("m");
      return [event.data, event.origin, event.lastEventId, event.source, event.ports.length];
    }),
    outcome(() => {
      const init = { data: 1, origin: "o", lastEventId: "l", source: port1, ports: [port1] };
      const event = new MessageEvent("m", init);
      return [event.data, event.origin, event.lastEventId, event.source === port1, event.ports.length];
    }),
  ];
}

const WORKS = { order, waiting, closing, messages, errors };

export default {
  async fetch(request) {
    return Response.json(await WORKS[new URL(request.url).pathname.slice(1)]());
  },
};
