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
    server.send("early");
    server.addEventListener("message", () => server.send("a listener ran"));
    return new Response(null, {
      status: 101,
      webSocket: client,
      headers: { "sec-websocket-protocol": "chat", "x-mine": "1" },
    });
  }

  webSocketMessage(socket, message) {
    if (typeof message === "string") {
      socket.send(`text:${message}`);
    } else {
      socket.send(`${message.constructor.name}:${message.byteLength}`);
      socket.send(message);
    }
    if (message === "kinds") {
      socket.send(5);
      socket.send(true);
      socket.send({});
      socket.send(new Uint8Array([1, 2, 3]).subarray(1));
      socket.send(null);
      socket.send("");
      socket.send(new ArrayBuffer(2));
    }
  }
}

export default {
  async fetch(request, env) {
    const stub = env.SUBJECT.getByName("foo");
    const response = await stub.fetch("http://object/", UPGRADE);
    const client = new Client(response.webSocket);
    client.socket.send("one");
    client.socket.send(new Uint8Array([7, 8, 9]));
    client.socket.send("kinds");
    const log = await client.until(12);
    return Response.json({
      status: response.status,
      protocol: response.headers.get("sec-websocket-protocol"),
      mine: response.headers.get("x-mine"),
      socketProtocol: client.socket.protocol,
      url: client.socket.url,
      extensions: client.socket.extensions,
      log,
    });
  },
};
