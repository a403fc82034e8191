import { DurableObject } from "cloudflare:workers";

let constructed = 0;

export class Subject extends DurableObject {
  memory = 0;

  constructor(ctx, env) {
    super(ctx, env);
    constructed += 1;
  }

  async write() {
    this.memory += 1;
    const { storage } = this.ctx;
    await storage.put("count", ((await storage.get("count")) ?? 0) + 1);
    await storage.put({ list: [1, "two", null], nested: { a: { b: true } } });
    await storage.put("gone", 1);
    await storage.delete("gone");
    return [this.memory, await storage.get("count")];
  }

  async background() {
    this.ctx.waitUntil(scheduler.wait(3_600_000).then(() => this.ctx.storage.put("late", true)));
    this.ctx.storage.put("notAwaited", true);
    return "answered";
  }

  async read() {
    return [constructed, this.memory, Object.fromEntries(await this.ctx.storage.list())];
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    const out = {};
    const unique = env.SUBJECT.idFromName("by hex").toString();
    for (const [key, id] of [["named", env.SUBJECT.idFromName("foo")], ["hex", env.SUBJECT.idFromString(unique)]]) {
      out[key] = await env.SUBJECT.get(id)[method]();
    }
    return Response.json(out);
  },
};
