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
    if (message === "slow") {
      socket.send("slow");
      await scheduler.wait(30);
      socket.send("slowdone");
    } else if (message === "store") {
      socket.send("store");
      await this.ctx.storage.put("k", 1);
      await this.ctx.storage.get("k");
      socket.send("stored");
    } else if (message === "block") {
      socket.send("block");
      this.ctx.blockConcurrencyWhile(async () => {
        await scheduler.wait(10);
        socket.send("unblocked");
      });
    } else if (message === "throw") {
      throw new Error("ignored");
    } else {
      socket.send(message);
    }
  }
}

export default {
  async fetch(request, env) {
    const stub = env.SUBJECT.getByName("foo");
    const slow = await Client.connect(stub, "/");
    slow.socket.send("slow");
    slow.socket.send("after");
    await slow.until(3);
    const storing = await Client.connect(stub, "/");
    storing.socket.send("store");
    storing.socket.send("after");
    await storing.until(3);
    const blocking = await Client.connect(stub, "/");
    blocking.socket.send("block");
    blocking.socket.send("after");
    await blocking.until(3);
    const throwing = await Client.connect(stub, "/");
    throwing.socket.send("throw");
    throwing.socket.send("after");
    await throwing.until(1);
    return Response.json({
      slow: slow.log,
      storing: storing.log,
      blocking: blocking.log,
      throwing: throwing.log,
    });
  },
};
