import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  async keys() {
    return [...(await this.ctx.storage.list()).keys()];
  }

  async run() {
    const { storage } = this.ctx;
    const out = {};
    await storage.put({ a: 1, b: 2 });
    out.result = (await storage.deleteAll()) ?? null;
    out.empty = await this.keys();
    await storage.deleteAll();
    out.again = await this.keys();
    storage.put("a", 1);
    storage.deleteAll();
    storage.put("b", 2);
    out.between = await this.keys();
    out.get = (await storage.get("a")) ?? null;
    await storage.sync();
    out.synced = await this.keys();
    return out;
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    return Response.json(await env.SUBJECT.getByName("foo")[method]());
  },
};
