import { DurableObject } from "cloudflare:workers";

export class Other extends DurableObject {
  async ping() {}

  async fetch() {
    return new Response("pong");
  }
}

export class Subject extends DurableObject {
  async increment(kind) {
    const { storage } = this.ctx;
    const waits = {
      nothing: () => {},
      concurrent: () => storage.get("other", { allowConcurrency: true }),
      kv: () => storage.kv.put("other", 1),
      sql: () => storage.sql.exec("select 1").toArray(),
      list: () => storage.list(),
      alarm: () => storage.getAlarm(),
      sync: () => storage.sync(),
      bookmark: () => storage.getCurrentBookmark(),
      sleep: () => scheduler.wait(5),
      call: () => this.env.OTHER.getByName("x").ping(),
      fetch: async () => (await this.env.OTHER.getByName("x").fetch("http://x/")).text(),
      other_section: () => this.ctx.blockConcurrencyWhile(() => scheduler.wait(1)),
      other_transaction: () => storage.transaction(() => scheduler.wait(1)),
    };
    const add = async (wait) => {
      const before = (await storage.get("n")) ?? 0;
      await wait();
      await storage.put("n", before + 1);
    };
    if (kind === "section") return this.ctx.blockConcurrencyWhile(() => add(waits.sleep));
    if (kind === "transaction") return storage.transaction(() => add(waits.sleep));
    if (kind === "transaction_sync") {
      return storage.transactionSync(() => storage.kv.put("n", (storage.kv.get("n") ?? 0) + 1));
    }
    return add(waits[kind]);
  }

  async total() {
    return this.ctx.storage.get("n");
  }
}

export default {
  async fetch(request, env) {
    const kind = new URL(request.url).pathname.slice(1);
    const stub = env.SUBJECT.getByName(kind);
    await stub.total();
    await Promise.all([1, 2, 3, 4, 5].map(() => stub.increment(kind)));
    return Response.json(await stub.total());
  },
};
