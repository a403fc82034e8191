import { DurableObject } from "cloudflare:workers";

const instances = {};

export class Subject extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    instances[ctx.id.name] = (instances[ctx.id.name] ?? 0) + 1;
  }

  async instance() {
    return instances[this.ctx.id.name];
  }

  async nothing() {}

  async timeout() {
    setTimeout(() => {}, 60_000);
  }

  async clearedTimeout() {
    clearTimeout(setTimeout(() => {}, 60_000));
  }

  async shortTimeout() {
    setTimeout(() => {}, 500);
  }

  async interval() {
    setInterval(() => {}, 4_000);
  }

  async waitUntil() {
    this.ctx.waitUntil(scheduler.wait(60_000));
  }

  async waitUntilRejected() {
    this.ctx.waitUntil(Promise.reject(new Error("only logged")));
  }

  async waitUntilSettled() {
    this.ctx.waitUntil(scheduler.wait(1));
  }

  async sleeping() {
    scheduler.wait(60_000).then(() => {});
  }

  async stored() {
    await this.ctx.storage.put("a", 1);
  }

  async failed() {
    throw new Error("failed");
  }

  async alarmLater() {
    await this.ctx.storage.setAlarm(Date.now() + 3_600_000);
  }

  async alarm() {}

  async peer() {
    this.kept = this.env.SUBJECT.getByName("peer of peer");
    await this.kept.nothing();
  }

  async promise() {
    this.pending = new Promise(() => {});
    this.pending.then(() => {});
  }
}

const METHODS = [
  "nothing", "timeout", "clearedTimeout", "shortTimeout", "interval", "waitUntil",
  "waitUntilRejected", "waitUntilSettled", "sleeping", "stored", "failed", "alarmLater", "peer", "promise",
];

export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname === "/start") {
      for (const method of METHODS) await env.SUBJECT.getByName(method)[method]().catch(() => {});
      return Response.json({ ...instances });
    }
    const out = {};
    for (const method of METHODS) out[method] = await env.SUBJECT.getByName(method).instance();
    return Response.json(out);
  },
};
