import { DurableObject } from "cloudflare:workers";

const UPGRADE = { headers: { Upgrade: "websocket" } };

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
  constructor(ctx, env) {
    super(ctx, env);
    this.sql = ctx.storage.sql;
    this.sql.exec("create table if not exists p(id integer primary key)");
    this.sql.exec("create table if not exists c(p references p(id) deferrable initially deferred)");
  }

  // Allowed until the commit.
  bad() {
    this.sql.exec("insert into c values(9)");
  }

  async fetch(request) {
    const kind = new URL(request.url).pathname.slice(1);
    const [client, server] = Object.values(new WebSocketPair());
    if (kind === "standard") {
      server.accept();
      server.addEventListener("message", ({ data }) => this.webSocketMessage(server, data));
    } else {
      this.ctx.acceptWebSocket(server);
    }
    if (kind === "upgrade") this.bad();
    return new Response(null, { status: 101, webSocket: client });
  }

  async webSocketMessage(socket, message) {
    socket.send("before");
    if (message === "earlier_turn") await scheduler.wait(2);
    if (message === "good") {
      await this.ctx.storage.put("x", 1);
    } else {
      this.bad();
    }
    if (message === "closing") {
      socket.close(4000, "closing");
      return;
    }
    socket.send("after");
    for (const other of this.ctx.getWebSockets()) other.send("to all");
    await scheduler.wait(5);
    socket.send("much later");
  }

  async webSocketClose() {
    await this.ctx.storage.put("told of a close", 1);
  }

  async report() {
    return { keys: [...(await this.ctx.storage.list()).keys()], sockets: this.ctx.getWebSockets().length };
  }
}

export default {
  async fetch(request, env) {
    const kind = new URL(request.url).pathname.slice(1);
    const stub = env.SUBJECT.getByName(kind);
    const out = {};
    try {
      const client = await Client.connect(stub, `/${kind}`);
      const sibling = kind === "several" ? await Client.connect(stub, "/sibling") : null;
      client.socket.send(kind);
      await scheduler.wait(30);
      out.client = client.log.filter((line) => !line.startsWith("error"));
      if (sibling) out.sibling = sibling.log.filter((line) => !line.startsWith("error"));
    } catch (error) {
      out.failed = error.message.slice(0, 40);
    }
    out.after = await env.SUBJECT.getByName(kind).report();
    return Response.json(out);
  },
};
