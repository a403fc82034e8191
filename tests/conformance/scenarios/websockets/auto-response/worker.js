import { DurableObject } from "cloudflare:workers";

function outcome(run) {
  try {
    const value = run();
    return value === undefined ? "undefined" : String(value);
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}


const UPGRADE = { headers: { Upgrade: "websocket" } };

// Collects what a socket says until it closes, or for so long.
class Client {
  log = [];
  #waiting = [];

  constructor(socket) {
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) =>
      this.add(typeof data === "string" ? data : `bytes:${new Uint8Array(data).join()}`),
    );
    socket.addEventListener("close", ({ code, reason, wasClean }) =>
      this.add(`close ${code} ${reason} ${wasClean} state=${socket.readyState}`),
    );
    socket.addEventListener("error", ({ message }) => this.add(`error ${message}`));
    socket.accept();
  }

  static async connect(stub, path) {
    const response = await stub.fetch(`http://object${path}`, UPGRADE);
    return new Client(response.webSocket);
  }

  add(line) {
    this.log.push(line);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async until(count) {
    while (this.log.length < count) {
      await new Promise((resolve) => this.#waiting.push(resolve));
    }
    return this.log;
  }
}

export class Subject extends DurableObject {
  async fetch(request) {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    return new Response(null, { status: 101, webSocket: client });
  }

  async webSocketMessage(socket, message) {
    const before = this.ctx.getWebSocketAutoResponseTimestamp(socket);
    const kind = before === null ? "null" : before.constructor.name;
    socket.send(`${typeof message === "string" ? message : "bytes"} ${kind}`);
    if (message === "clear") this.ctx.setWebSocketAutoResponse();
  }

  async texts() {
    const state = this.ctx;
    const pair = (...args) => new WebSocketRequestResponsePair(...args);
    const set = (value) => outcome(() => state.setWebSocketAutoResponse(value));
    const out = { unset: state.getWebSocketAutoResponse() };
    out.set = set(pair("a", "b"));
    const found = state.getWebSocketAutoResponse();
    out.found = [found.constructor.name, found.request, found.response, JSON.stringify(found)];
    out.noArguments = outcome(() => pair());
    out.oneArgument = outcome(() => pair("a"));
    out.converted = outcome(() => pair(1, null).response);
    out.fits = set(pair("x".repeat(2048), "x".repeat(2048)));
    out.longRequest = set(pair("x".repeat(2049), "b"));
    out.longResponse = set(pair("a", "x".repeat(2049)));
    out.kept = state.getWebSocketAutoResponse().request.length;
    out.object = set({ request: "a", response: "b" });
    out.null = set(null);
    out.text = set("x");
    out.undefined = set(undefined);
    out.cleared = state.getWebSocketAutoResponse();
    const socket = new WebSocketPair()[1];
    out.timestampOfFresh = outcome(() => state.getWebSocketAutoResponseTimestamp(socket));
    socket.accept();
    out.timestampOfStandard = outcome(() => state.getWebSocketAutoResponseTimestamp(socket));
    out.timestampOfNothing = outcome(() => state.getWebSocketAutoResponseTimestamp());
    return out;
  }
}

export default {
  async fetch(request, env) {
    const client = await Client.connect(env.SUBJECT.getByName("live"), "/");
    client.socket.send("other");
    client.socket.send("ping");
    await client.until(2);
    client.socket.send("ping ");
    client.socket.send(new TextEncoder().encode("ping"));
    client.socket.send("clear");
    await client.until(5);
    client.socket.send("ping");
    await client.until(6);
    return Response.json({ log: client.log, texts: await env.SUBJECT.getByName("texts").texts() });
  },
};
