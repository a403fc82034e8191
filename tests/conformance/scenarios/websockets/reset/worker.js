import { DurableObject } from "cloudflare:workers";

function outcome(run) {
  try {
    const value = run();
    return value === undefined ? "undefined" : String(value);
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}


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
    if (request.url.endsWith("/standard")) server.accept();
    else this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  async webSocketClose() {
    await this.ctx.storage.put("heard", true);
  }

  async webSocketError() {
    await this.ctx.storage.put("heard", true);
  }

  async stop() {
    this.ctx.abort("stopped");
  }

  async report() {
    return { sockets: this.ctx.getWebSockets().length, heard: (await this.ctx.storage.get("heard")) === true };
  }
}

export default {
  async fetch(request, env) {
    const stub = env.SUBJECT.getByName("foo");
    const hibernatable = await Client.connect(stub, "/");
    const standard = await Client.connect(stub, "/standard");
    await stub.stop().catch(() => {});
    const out = {
      hibernatable: await hibernatable.until(1),
      standard: await standard.until(1),
      states: [hibernatable.socket.readyState, standard.socket.readyState],
      send: outcome(() => hibernatable.socket.send("x")),
      close: outcome(() => hibernatable.socket.close(1000)),
      after: await env.SUBJECT.getByName("foo").report(),
    };
    await scheduler.wait(20);
    out.statesAfter = [hibernatable.socket.readyState, standard.socket.readyState];
    out.log = [...hibernatable.log, ...standard.log];
    return Response.json(out);
  },
};
