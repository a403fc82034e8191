import { DurableObject } from "cloudflare:workers";

export class Other extends DurableObject {
  async fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  async note(line) {
    await this.ctx.storage.put("log", [...((await this.ctx.storage.get("log")) ?? []), line]);
  }

  async webSocketMessage(socket, message) {
    await this.note(message);
    if (message === "reset") return this.ctx.abort("stopped");
    if (message === "close") return socket.close(4000, "asked");
    socket.send(`echo ${message}`);
  }

  async webSocketClose(socket, code, reason, wasClean) {
    await this.note(`close ${code} ${wasClean}`);
  }

  async report() {
    return (await this.ctx.storage.get("log")) ?? [];
  }
}

export class Subject extends DurableObject {
  log = [];

  async connect() {
    const stub = this.env.OTHER.getByName(this.ctx.id.name);
    const response = await stub.fetch("http://x/", { headers: { Upgrade: "websocket" } });
    const socket = response.webSocket;
    socket.addEventListener("message", ({ data }) => this.log.push(data));
    socket.addEventListener("close", ({ code, wasClean }) => this.log.push(`close ${code} ${wasClean}`));
    socket.accept();
    return socket;
  }

  async run(kind) {
    const socket = await this.connect();
    switch (kind) {
      case "echo":
        socket.send("a");
        socket.send("b");
        break;
      case "gated":
        socket.send("before");
        await this.ctx.storage.put("x", 1);
        socket.send("after");
        break;
      case "section":
        await this.ctx.blockConcurrencyWhile(async () => {
          socket.send("from inside");
          await scheduler.wait(20);
          this.log.push("section ends");
        });
        break;
      case "server_resets":
        socket.send("reset");
        break;
      case "client_resets":
        socket.send("before");
        await scheduler.wait(20);
        this.ctx.abort("stopped");
        break;
      case "closed_by_server":
        socket.send("close");
    }
    await scheduler.wait(30);
    return [...this.log, socket.readyState];
  }
}

export default {
  async fetch(request, env) {
    const kind = new URL(request.url).pathname.slice(1);
    let log;
    try {
      log = await env.SUBJECT.getByName(kind).run(kind);
    } catch (error) {
      log = error.message;
    }
    await scheduler.wait(20);
    return Response.json({ log, other: await env.OTHER.getByName(kind).report() });
  },
};
