import { DurableObject } from "cloudflare:workers";

function outcome(run) {
  try {
    const value = run();
    return value === undefined ? "undefined" : String(value);
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export class Subject extends DurableObject {
  async run() {
    const out = {};
    const pair = () => Object.values(new WebSocketPair());
    {
      const [client, server] = pair();
      out.sendBefore = outcome(() => server.send("x"));
      out.closeBefore = outcome(() => server.close());
      server.accept();
      out.acceptTwice = outcome(() => server.accept());
      out.hibernateAccepted = outcome(() => this.ctx.acceptWebSocket(server));
      out.hibernatePeerOfAccepted = outcome(() => this.ctx.acceptWebSocket(client));
      out.acceptPeerOfAccepted = outcome(() => client.accept());
    }
    {
      const [client, server] = pair();
      this.ctx.acceptWebSocket(server);
      out.hibernateTwice = outcome(() => this.ctx.acceptWebSocket(server));
      out.acceptHibernated = outcome(() => server.accept());
      out.hibernatePeerOfHibernated = outcome(() => this.ctx.acceptWebSocket(client));
      out.sendHibernated = outcome(() => server.send("x"));
    }
    out.hibernateNothing = outcome(() => this.ctx.acceptWebSocket());
    out.hibernateString = outcome(() => this.ctx.acceptWebSocket("x"));
    out.hibernateObject = outcome(() => this.ctx.acceptWebSocket({}));
    {
      const [client] = pair();
      out.wrongStatus = outcome(() => new Response(null, { status: 200, webSocket: client }));
      out.noSocket = outcome(() => new Response(null, { status: 101 }));
      out.noSocketType = outcome(() => new Response(null, { status: 101, webSocket: {} }));
      out.withBody = outcome(() => new Response("x", { status: 101, webSocket: client }));
      out.clone = outcome(() => new Response(null, { status: 101, webSocket: client }).clone());
      out.same = new Response(null, { status: 101, webSocket: client }).webSocket === client;
      out.acceptAfterConstruction = outcome(() => client.accept());
    }
    {
      const pair = new WebSocketPair();
      out.keys = Object.keys(pair);
      out.name = pair.constructor.name;
      out.iterated = [...pair].map((socket) => socket.constructor.name);
      out.pairText = String(pair);
      out.socketText = String(pair[0]);
    }
    out.pairWithoutNew = outcome(() => WebSocketPair());
    return out;
  }
}

export default {
  async fetch(request, env) {
    return Response.json(await env.SUBJECT.getByName("foo").run());
  },
};
