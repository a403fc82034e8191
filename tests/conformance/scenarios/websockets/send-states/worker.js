import { DurableObject } from "cloudflare:workers";

function outcome(call) {
  try {
    return call() ?? "nothing";
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export class Subject extends DurableObject {
  log = [];

  probe(label, socket) {
    const listed = this.ctx.getWebSockets().includes(socket);
    this.log.push([
      label, socket.readyState, this.ctx.getWebSockets().length, this.ctx.getWebSockets("tag").length, listed ? outcome(() => this.ctx.getTags(socket).join()) : "not listed",
      outcome(() => socket.send(`sent ${label}`)), outcome(() => socket.serializeAttachment(label)), outcome(() => socket.deserializeAttachment()),
    ]);
  }

  async fetch(request) {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server, ["tag", "other"]);
    server.serializeAttachment("at first");
    if (request.url.endsWith("before_upgrade")) {
      this.probe("before the response", server);
      server.close(4001, "at once");
      this.probe("closed before the response", server);
    }
    return new Response(null, { status: 101, webSocket: client });
  }

  async webSocketMessage(socket, message) {
    this.probe(message, socket);
    if (message === "own_close" || message === "both") {
      socket.close(4000, "mine");
      this.probe("after close", socket);
      this.log.push(outcome(() => socket.close(4001)), outcome(() => socket.close(5)));
      await scheduler.wait(10);
      this.probe("later", socket);
    }
  }

  async webSocketClose(socket, code) {
    this.probe(`close ${code}`, socket);
    await scheduler.wait(2);
    this.probe("end of the handler", socket);
    this.kept = socket;
  }

  async report() {
    if (this.kept) this.probe("after the handler", this.kept);
    return this.log;
  }
}

export default {
  async fetch(request, env) {
    const kind = new URL(request.url).pathname.slice(1);
    const stub = env.SUBJECT.getByName(kind);
    const response = await stub.fetch(`http://x/${kind}`, { headers: { Upgrade: "websocket" } });
    const socket = response.webSocket;
    const heard = [];
    socket.addEventListener("message", ({ data }) => heard.push(data));
    socket.addEventListener("close", ({ code }) => heard.push(`close ${code}`));
    socket.accept();
    if (kind !== "before_upgrade") socket.send(kind);
    if (kind === "both") socket.close(4002, "too");
    if (kind === "peer_close" || kind === "dropped") {
      await scheduler.wait(10);
      socket.close(...(kind === "dropped" ? [] : [4003]));
    }
    await scheduler.wait(50);
    return Response.json({ log: await stub.report(), heard });
  },
};
