import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  async between(kind) {
    const value = (await this.ctx.storage.get("n")) ?? 0;
    if (kind !== "storage") await scheduler.wait(5);
    await this.ctx.storage.put("n", value + 1);
  }

  async increment(kind) {
    if (kind === "section") {
      await this.ctx.blockConcurrencyWhile(() => this.between(kind));
    } else if (kind === "transaction") {
      await this.ctx.storage.transaction(async (txn) => {
        const value = (await txn.get("n")) ?? 0;
        await scheduler.wait(5);
        await txn.put("n", value + 1);
      });
    } else {
      await this.between(kind);
    }
  }

  async count() {
    return this.ctx.storage.get("n");
  }
}

export default {
  async fetch(request, env) {
    const kind = new URL(request.url).pathname.slice(1);
    const stub = env.SUBJECT.getByName(kind);
    await Promise.all(Array.from({ length: 10 }, () => stub.increment(kind)));
    return Response.json(await stub.count());
  },
};
