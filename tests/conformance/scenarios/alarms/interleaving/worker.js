import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  log = [];

  constructor(ctx, env) {
    super(ctx, env);
    ctx.blockConcurrencyWhile(async () => {
      this.log.push("constructed");
      if (ctx.id.name === "in_constructor" && (await ctx.storage.get("set")) === undefined) {
        await ctx.storage.put("set", 1);
        await ctx.storage.setAlarm(1);
        await scheduler.wait(5);
        this.log.push("end of the constructor");
      }
    });
  }

  async alarm(info) {
    const { storage } = this.ctx;
    this.log.push(`alarm ${await storage.getAlarm()}`);
    switch (this.kind) {
      case "holds_nobody":
        await scheduler.wait(20);
        break;
      case "section_inside":
        await this.ctx.blockConcurrencyWhile(() => scheduler.wait(20));
        break;
      case "transaction_inside":
        await storage.transaction(async (txn) => {
          await txn.put("in", await txn.getAlarm());
          await scheduler.wait(10);
        });
        this.log.push(`stored ${await storage.get("in")}`);
        break;
      case "calls_itself":
        await this.env.SUBJECT.getByName(this.ctx.id.name).note("called by the alarm");
        break;
      case "sends":
        for (const socket of this.ctx.getWebSockets()) socket.send("from the alarm");
        break;
      case "clamped":
        this.log.push(`late ${Date.now() - info.scheduledTime < 5000}`);
        break;
      case "one_at_a_time":
        this.kind = "second";
        await storage.setAlarm(1);
        await scheduler.wait(20);
        break;
    }
    this.log.push("alarm ends");
  }

  async fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  async note(label) {
    this.log.push(label);
  }

  async start(kind) {
    this.kind = kind;
    await this.ctx.storage.setAlarm(kind === "clamped" ? 1000 : Date.now());
    if (kind === "clamped") this.log.push((await this.ctx.storage.getAlarm()) > 1000);
    if (kind === "waits_for_section") {
      await this.ctx.blockConcurrencyWhile(async () => {
        await scheduler.wait(20);
        this.log.push("section ends");
      });
      this.log.push("caller goes on");
    }
  }

  async report() {
    return [...this.log, await this.ctx.storage.getAlarm()];
  }
}

export default {
  async fetch(request, env) {
    const kind = new URL(request.url).pathname.slice(1);
    const stub = env.SUBJECT.getByName(kind);
    const heard = [];
    if (kind === "sends") {
      const { webSocket } = await stub.fetch("http://x/", { headers: { Upgrade: "websocket" } });
      webSocket.addEventListener("message", ({ data }) => heard.push(data));
      webSocket.accept();
    }
    if (kind === "in_constructor") await stub.note("first call");
    else await stub.start(kind);
    if (kind === "holds_nobody" || kind === "section_inside") {
      await scheduler.wait(10);
      await stub.note("meanwhile");
    }
    await scheduler.wait(60);
    return Response.json({ log: await stub.report(), heard });
  },
};
