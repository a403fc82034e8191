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
  log = [];

  async fetch(request) {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    this.echo = new URL(request.url).searchParams.has("echo");
    return new Response(null, { status: 101, webSocket: client });
  }

  async webSocketMessage(socket, message) {
    if (message === "close") {
      socket.close(4001, "mine");
      this.note("closed", socket);
    }
  }

  async webSocketClose(socket, code, reason, wasClean) {
    this.note(`${code} ${reason} ${wasClean}`, socket);
    if (this.echo) {
      socket.close(code, reason);
      this.note("echoed", socket);
    }
    await scheduler.wait(5);
    this.note("later", socket);
  }

  note(text, socket) {
    const listed = this.ctx.getWebSockets().includes(socket);
    this.log.push(`${text} state=${socket.readyState} listed=${listed}`);
  }

  async report() {
    await scheduler.wait(20);
    return { log: this.log.splice(0), left: this.ctx.getWebSockets().length };
  }
}

export default {
  async fetch(request, env) {
    const out = {};
    const connect = async (name, path = "/") => {
      const stub = env.SUBJECT.getByName(name);
      return [stub, await Client.connect(stub, path)];
    };
    {
      const [stub, client] = await connect("plain");
      client.socket.close(4000, "bye");
      out.plainState = client.socket.readyState;
      out.plain = await stub.report();
    }
    {
      const [stub, client] = await connect("echo", "/?echo");
      client.socket.close(4000, "bye");
      out.echo = await stub.report();
      out.echoClient = await client.until(1);
    }
    {
      const [stub, client] = await connect("codeless");
      client.socket.close();
      out.codeless = await stub.report();
    }
    {
      const [stub, client] = await connect("own");
      client.socket.send("close");
      out.ownClient = await client.until(1);
      out.own = await stub.report();
    }
    return Response.json(out);
  },
};
