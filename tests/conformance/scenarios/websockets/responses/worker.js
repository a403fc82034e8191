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
    const path = new URL(request.url).pathname;
    const [client, server] = Object.values(new WebSocketPair());
    if (path === "/accepted") client.accept();
    else if (path === "/hibernated") this.ctx.acceptWebSocket(client);
    else server.accept();
    if (path === "/used") {
      this.used ??= client;
      server.send("hello");
      return new Response(null, { status: 101, webSocket: this.used });
    }
    return new Response(null, { status: 101, webSocket: client });
  }

  async acceptUsed() {
    return outcome(() => this.used.accept());
  }

  async hibernateUsed() {
    return outcome(() => this.ctx.acceptWebSocket(this.used));
  }

  async stateOfUsed() {
    return this.used.readyState;
  }

  async sendOnUsed() {
    return outcome(() => this.used.send("x"));
  }
}

async function failure(promise) {
  try {
    const response = await promise;
    return `${response.status} ${response.webSocket === null ? "null" : "socket"}`;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export default {
  async fetch(request, env) {
    const stub = env.SUBJECT.getByName("foo");
    return Response.json({
      accepted: await failure(stub.fetch("http://object/accepted", UPGRADE)),
      hibernated: await failure(stub.fetch("http://object/hibernated", UPGRADE)),
      used: await failure(stub.fetch("http://object/used", UPGRADE)),
      acceptUsed: await stub.acceptUsed(),
      hibernateUsed: await stub.hibernateUsed(),
      sendOnUsed: await stub.sendOnUsed(),
      stateOfUsed: await stub.stateOfUsed(),
      usedTwice: await failure(stub.fetch("http://object/used", UPGRADE)),
      upperCase: await failure(stub.fetch("http://object/ok", { headers: { Upgrade: "WebSocket" } })),
      post: await failure(stub.fetch("http://object/ok", { ...UPGRADE, method: "POST" })),
      notAsked: await failure(stub.fetch("http://object/ok")),
      otherUpgrade: await failure(stub.fetch("http://object/ok", { headers: { Upgrade: "h2c" } })),
    });
  },
};
