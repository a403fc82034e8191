import { DurableObject } from "cloudflare:workers";

const KINDS = ["idle", "touched", "timer", "interval", "cleared", "background", "slow_call", "calling", "callback", "listening", "alarm", "future_alarm", "written"];

export class Other extends DurableObject {
  async slow() {
    await scheduler.wait(12500);
  }
}

export class Subject extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.generation = (ctx.storage.kv.get("generation") ?? 0) + 1;
    ctx.storage.kv.put("generation", this.generation);
  }

  async alarm() {
    this.ctx.storage.kv.put("alarm ran in", this.generation);
  }

  async generations() {
    return [this.generation, this.ctx.storage.kv.get("alarm ran in") ?? "none", this.memory ?? "lost"];
  }

  async start(kind) {
    this.memory = "kept";
    switch (kind) {
      case "timer":
        setTimeout(() => {}, 12500);
        break;
      case "interval":
        setInterval(() => {}, 1000);
        break;
      case "cleared":
        clearTimeout(setTimeout(() => {}, 30000));
        clearInterval(setInterval(() => {}, 1000));
        break;
      case "background":
        this.ctx.waitUntil(scheduler.wait(12500));
        break;
      case "slow_call":
        await scheduler.wait(12500);
        break;
      case "calling":
        this.env.OTHER.getByName("x").slow();
        break;
      case "callback":
        return () => "called back";
      case "listening": {
        const [client, server] = Object.values(new WebSocketPair());
        server.accept();
        this.server = server;
        client.accept();
        break;
      }
      case "alarm":
        await this.ctx.storage.setAlarm(Date.now() + 11500);
        break;
      case "future_alarm":
        await this.ctx.storage.setAlarm(4102444800000);
        break;
      case "written":
        await this.ctx.storage.put("key", "value");
    }
  }
}

export default {
  async fetch(request, env) {
    const stubs = Object.fromEntries(KINDS.map((kind) => [kind, env.SUBJECT.getByName(kind)]));
    const started = KINDS.map((kind) => stubs[kind].start(kind));
    await scheduler.wait(6000);
    await stubs.touched.generations();
    await scheduler.wait(6000);
    const seen = await Promise.all(KINDS.map((kind) => stubs[kind].generations()));
    const callback = await started[KINDS.indexOf("callback")];
    const out = Object.fromEntries(KINDS.map((kind, i) => [kind, seen[i]]));
    return Response.json({ ...out, answer: await callback(), value: (await stubs.written.generations())[0] });
  },
};
