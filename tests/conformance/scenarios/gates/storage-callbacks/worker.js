import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  async callbacks() {
    const { storage } = this.ctx;
    const log = [];
    const note = (label) => (value) => log.push(`${label} ${value ?? "nothing"}`);
    setTimeout(() => log.push("timer"), 0);
    storage.put("a", 1).then(note("put"));
    storage.get("a").then(note("get"));
    storage.delete("missing").then(note("delete"));
    storage.list().then((found) => log.push(`list ${found.size}`));
    storage.deleteAlarm().then(note("deleteAlarm"));
    storage.get("a", { allowConcurrency: true }).then(note("concurrent get"));
    storage.get("a").then(note("get")).then(() => storage.get("a")).then(note("get again"));
    storage.deleteAll().then(note("deleteAll"));
    storage.get("a").then(note("get"));
    log.push("end of the code");
    await scheduler.wait(10);
    return log;
  }

  async mixed() {
    const { storage } = this.ctx;
    const log = [];
    Promise.resolve().then(() => log.push("resolved before"));
    storage.put("a", 1).then(() => log.push("put"));
    storage.getAlarm().then(() => log.push("getAlarm"));
    storage.get().catch(() => log.push("get without a key"));
    Promise.resolve().then(() => log.push("resolved after"));
    log.push("end of the code");
    await scheduler.wait(10);
    return log;
  }

  async rejections() {
    const { storage } = this.ctx;
    const log = [];
    const failed = (label) => (error) => log.push(`${label} ${error.name}`);
    storage.put("a", undefined).then(() => log.push("stored"), failed("put"));
    storage.list({ limit: -1 }).then(() => log.push("listed"), failed("list"));
    storage.put("b", 1).then(() => log.push("put b"), failed("put b"));
    log.push("end of the code");
    await scheduler.wait(10);
    return log;
  }

  async sync_between() {
    const { storage } = this.ctx;
    const log = [];
    storage.put("a", 1);
    storage.sync().then(() => log.push("first sync"));
    storage.put("a", 2).then(() => log.push("put"));
    storage.sync().then(() => log.push("second sync"));
    log.push("end of the code");
    await storage.sync();
    log.push(`third sync ${await storage.get("a")}`);
    return log;
  }

  async visible() {
    const { storage } = this.ctx;
    const seen = [];
    storage.put("n", 1);
    const first = storage.get("n");
    storage.put("n", 2);
    const second = storage.get("n");
    storage.delete("n");
    const third = storage.get("n");
    storage.put({ n: 4, m: 5 });
    const fourth = storage.list();
    seen.push(await fourth.then((found) => [...found.values()]), (await third) ?? null, await second, await first);
    return seen;
  }

  async options() {
    const { storage } = this.ctx;
    const quick = { allowConcurrency: true, allowUnconfirmed: true, noCache: true };
    await storage.put("a", 1, quick);
    await storage.put({ b: 2, c: 3 }, quick);
    return [
      await storage.get("a", quick),
      [...(await storage.get(["a", "b"], quick)).keys()],
      [...(await storage.list({ ...quick, reverse: true })).keys()],
      await storage.delete("a", quick),
      await storage.delete(["b", "x"], quick),
      await storage.getAlarm(quick),
      (await storage.deleteAlarm(quick)) ?? null,
      (await storage.deleteAll(quick)) ?? null,
      (await storage.list(quick)).size,
    ];
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    return Response.json(await env.SUBJECT.getByName(method)[method]());
  },
};
