import { DurableObject } from "cloudflare:workers";

const CLOSES = [[], [1000], [1001, "going"], [1003], [1007, ""], [1011, "héé"], [1012], [2999, "odd"], [3000, "x".repeat(123)], [4999, "é".repeat(61)]];

const text = (code, reason, wasClean) => `${code} ${reason.length} ${reason.slice(0, 6)} ${wasClean}`;

export class Subject extends DurableObject {
  log = [];

  async fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  async webSocketMessage(socket, message) {
    socket.close(...CLOSES[Number(message)]);
  }

  async webSocketClose(socket, code, reason, wasClean) {
    this.log.push(text(code, reason, wasClean));
  }

  async report() {
    return this.log;
  }
}

async function connect(env, name) {
  const response = await env.SUBJECT.getByName(name).fetch("http://x/", { headers: { Upgrade: "websocket" } });
  response.webSocket.accept();
  return response.webSocket;
}

const kinds = {
  async standard() {
    const log = [];
    for (const close of CLOSES) {
      const [left, right] = Object.values(new WebSocketPair());
      left.accept();
      right.accept();
      const heard = new Promise((resolve) =>
        right.addEventListener("close", ({ code, reason, wasClean }) => resolve(text(code, reason, wasClean))),
      );
      left.close(...close);
      log.push(await heard);
    }
    return log;
  },

  async by_client(env) {
    for (const close of CLOSES) {
      const socket = await connect(env, "client");
      socket.close(...close);
      await scheduler.wait(5);
    }
    await scheduler.wait(20);
    return env.SUBJECT.getByName("client").report();
  },

  async by_object(env) {
    const log = [];
    for (let i = 0; i < CLOSES.length; i++) {
      const socket = await connect(env, "object");
      const heard = new Promise((resolve) =>
        socket.addEventListener("close", ({ code, reason, wasClean }) => resolve(text(code, reason, wasClean))),
      );
      socket.send(String(i));
      log.push(await heard);
    }
    await scheduler.wait(20);
    return { log, object: await env.SUBJECT.getByName("object").report() };
  },
};

export default {
  async fetch(request, env) {
    return Response.json(await kinds[new URL(request.url).pathname.slice(1)](env));
  },
};
