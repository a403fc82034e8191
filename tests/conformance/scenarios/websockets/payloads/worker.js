import { DurableObject } from "cloudflare:workers";

const BUFFER = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7]).buffer;

const VALUES = [
  "", "text", "héé😀\0", "x".repeat(70000), new Uint8Array(), BUFFER, new Uint8Array(BUFFER, 2, 3), new Uint16Array(BUFFER, 2, 2),
  new DataView(BUFFER, 5), new Float64Array([1.5]), 5, -0.5, true, null, undefined, {}, [1, [2, 3]], new Date(NaN), 10n, new String("boxed"),
];

function describe(data) {
  if (typeof data === "string") return `text ${data.length} ${data.slice(0, 20)}`;
  return `${data.constructor.name} ${[...new Uint8Array(data)].join()}`;
}

export class Subject extends DurableObject {
  log = [];

  async fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  async webSocketMessage(socket, message) {
    if (message === "send back") {
      for (const value of VALUES) socket.send(value);
    } else {
      this.log.push(describe(message));
    }
  }

  async report() {
    return this.log;
  }
}

async function connect(env) {
  const response = await env.SUBJECT.getByName("x").fetch("http://x/", { headers: { Upgrade: "websocket" } });
  const socket = response.webSocket;
  socket.accept();
  socket.binaryType = "arraybuffer";
  return socket;
}

const kinds = {
  async standard() {
    const [left, right] = Object.values(new WebSocketPair());
    const log = [];
    right.binaryType = "arraybuffer";
    right.addEventListener("message", ({ data }) => log.push(describe(data)));
    left.accept();
    right.accept();
    for (const value of VALUES) left.send(value);
    await scheduler.wait(20);
    return log;
  },

  async hibernatable(env) {
    const socket = await connect(env);
    for (const value of VALUES) socket.send(value);
    await scheduler.wait(30);
    return env.SUBJECT.getByName("x").report();
  },

  async back(env) {
    const socket = await connect(env);
    const log = [];
    socket.addEventListener("message", ({ data }) => log.push(describe(data)));
    socket.send("send back");
    for (let i = 0; log.length < VALUES.length && i < 100; i++) await scheduler.wait(5);
    return log;
  },

  async refused() {
    const [left] = Object.values(new WebSocketPair());
    left.accept();
    const out = [];
    for (const args of [[], [Symbol("s")], [{ toString() { throw new RangeError("text") } }], [Object.create(null)], ["a", "b"]]) {
      try {
        out.push(left.send(...args) ?? "sent");
      } catch (error) {
        out.push(`${error.name}: ${error.message}`);
      }
    }
    return out;
  },

  async copied() {
    const [left, right] = Object.values(new WebSocketPair());
    const log = [];
    right.binaryType = "arraybuffer";
    right.addEventListener("message", ({ data }) => log.push(describe(data)));
    left.accept();
    right.accept();
    const bytes = new Uint8Array([1, 2, 3]);
    left.send(bytes);
    bytes[0] = 99;
    left.send(bytes.buffer);
    bytes[1] = 98;
    await scheduler.wait(10);
    return log;
  },
};

export default {
  async fetch(request, env) {
    return Response.json(await kinds[new URL(request.url).pathname.slice(1)](env));
  },
};
