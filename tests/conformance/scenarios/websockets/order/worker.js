import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  async run() {
    const names = (sockets) => sockets.map((socket) => socket.deserializeAttachment());
    const first = [];
    for (const name of ["a", "b", "c"]) {
      const server = new WebSocketPair()[1];
      server.serializeAttachment(name);
      this.ctx.acceptWebSocket(server, name === "b" ? ["odd"] : ["even", "odd"]);
      first.push(server);
    }
    const standard = new WebSocketPair()[1];
    standard.accept();
    first[0].custom = "kept";
    const [c, b, a] = this.ctx.getWebSockets();
    return {
      all: names(this.ctx.getWebSockets()),
      odd: names(this.ctx.getWebSockets("odd")),
      even: names(this.ctx.getWebSockets("even")),
      same: [a === first[0], b === first[1], c === first[2]],
      custom: a.custom,
      isArray: Array.isArray(this.ctx.getWebSockets()),
      freshArray: this.ctx.getWebSockets() !== this.ctx.getWebSockets(),
      undefinedTag: names(this.ctx.getWebSockets(undefined)),
    };
  }
}

export default {
  async fetch(request, env) {
    return Response.json(await env.SUBJECT.getByName("foo").run());
  },
};
