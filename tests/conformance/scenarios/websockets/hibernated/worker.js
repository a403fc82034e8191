import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.generation = (ctx.storage.kv.get("generation") ?? 0) + 1;
    ctx.storage.kv.put("generation", this.generation);
    this.listed = ctx.getWebSockets().map((socket) => this.ctx.getTags(socket)[0]);
  }

  async fetch(request) {
    const name = new URL(request.url).pathname.slice(1);
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server, [name, "all"]);
    server.serializeAttachment(`attached to ${name}`);
    server.custom = "mine";
    this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    this.ctx.setHibernatableWebSocketEventTimeout(5000);
    return new Response(null, { status: 101, webSocket: client });
  }

  describe(socket) {
    const { ctx } = this;
    return [
      this.generation, this.listed, socket.custom ?? "lost", socket.deserializeAttachment(), ctx.getTags(socket), socket.readyState, socket.url, ctx.getWebSockets().length,
      ctx.getWebSockets("all").length, ctx.getWebSockets("a").length, ctx.getWebSockets()[0] === ctx.getWebSockets()[0], ctx.getWebSocketAutoResponse()?.request ?? "none",
      ctx.getWebSocketAutoResponseTimestamp(socket) === null ? "never" : "answered", ctx.getHibernatableWebSocketEventTimeout(),
    ];
  }

  async webSocketMessage(socket, message) {
    const described = this.describe(socket);
    socket.serializeAttachment(`${socket.deserializeAttachment()} ${message}`);
    socket.custom = "again";
    socket.send(JSON.stringify([message, ...described]));
  }

  async webSocketClose(socket, code, reason) {
    this.ctx.storage.kv.put("closed", [code, reason, ...this.describe(socket)]);
    socket.close(code, reason);
  }

  async report() {
    return { closed: this.ctx.storage.kv.get("closed"), generation: this.generation, left: this.ctx.getWebSockets().length };
  }
}

export default {
  async fetch(request, env) {
    const stub = env.SUBJECT.getByName("x");
    const heard = [];
    const connect = async (name) => {
      const { webSocket } = await stub.fetch(`http://x/${name}`, { headers: { Upgrade: "websocket" } });
      webSocket.addEventListener("message", ({ data }) => heard.push(data === "pong" ? `${name} ${data}` : [name, ...JSON.parse(data)]));
      webSocket.accept();
      return webSocket;
    };
    const a = await connect("a");
    const b = await connect("b");
    a.send("awake");
    await scheduler.wait(6000);
    a.send("ping");
    await scheduler.wait(6500);
    a.send("ping");
    await scheduler.wait(100);
    b.send("wakes");
    b.send("follows");
    await scheduler.wait(100);
    a.send("sees the same");
    await scheduler.wait(12000);
    a.close(4000, "bye");
    await scheduler.wait(100);
    return Response.json({ heard, report: await stub.report() });
  },
};
