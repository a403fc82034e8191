import { DurableObject } from "cloudflare:workers";

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
    return new Response(null, { status: 101, webSocket: client });
  }

  async webSocketMessage(socket, message) {
    socket.send("before");
    if (message === "later") await scheduler.wait(5);
    await this.ctx.storage.put("k", message);
    socket.send("after");
    if (message === "kept") {
      await this.ctx.storage.sync();
      socket.send("kept");
    }
    if (message !== "closed") this.ctx.abort("stopped");
    socket.close(4000, "end");
  }
}

export default {
  async fetch(request, env) {
    const out = {};
    for (const [message, count] of [["lost", 1], ["later", 2], ["kept", 3], ["closed", 3]]) {
      const client = await Client.connect(env.SUBJECT.getByName(message), "/");
      client.socket.send(message);
      await client.until(count);
      await scheduler.wait(20);
      out[message] = client.log.filter((line) => !line.startsWith("error"));
    }
    return Response.json(out);
  },
};
