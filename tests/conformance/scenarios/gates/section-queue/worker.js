import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  log = [];

  section(name, ms = 3) {
    return this.ctx.blockConcurrencyWhile(async () => {
      this.log.push(`${name}1`);
      await scheduler.wait(ms);
      this.log.push(`${name}2`);
    });
  }

  transaction(name) {
    return this.ctx.storage.transaction(async (txn) => {
      this.log.push(`${name}1`);
      await txn.put("x", name);
      await scheduler.wait(3);
      this.log.push(`${name}2`);
    });
  }

  async mixed() {
    const all = [this.section("a", 9), this.transaction("t"), this.section("b"), this.transaction("u")];
    all.map((promise, i) => promise.then(() => this.log.push(`done${i}`)));
    this.log.push("called");
    await Promise.all(all);
    this.log.push(await this.ctx.storage.get("x"));
    return this.log;
  }

  async nested() {
    await this.ctx.blockConcurrencyWhile(async () => {
      this.log.push("outer1");
      const first = this.section("a", 9);
      const second = this.transaction("t");
      this.log.push("outer2");
      await second;
      this.log.push("outer3");
      await first;
    });
    this.log.push("after");
    return this.log;
  }

  async from_timers() {
    for (const name of ["a", "b", "c"]) {
      setTimeout(() => this.section(name).then(() => this.log.push(`${name}3`)), 2);
    }
    await scheduler.wait(40);
    return this.log;
  }

  async results() {
    const { ctx } = this;
    return [
      await ctx.blockConcurrencyWhile(() => 5),
      (await ctx.blockConcurrencyWhile(() => {})) ?? "nothing",
      await ctx.blockConcurrencyWhile(async () => ({ a: [1] })),
      await ctx.blockConcurrencyWhile(() => Promise.resolve("promised")),
      await ctx.blockConcurrencyWhile(() => ctx.blockConcurrencyWhile(() => "inner")),
      await ctx.storage.transaction(() => 5),
      (await ctx.storage.transaction(() => {})) ?? "nothing",
      await ctx.storage.transaction(() => ctx.storage.transaction(async () => "inner")),
      await ctx.blockConcurrencyWhile(() => ctx.storage.transaction(() => "txn inside")),
      await ctx.storage.transaction(() => ctx.blockConcurrencyWhile(() => "section inside")),
    ];
  }

  async recursive() {
    const descend = async (depth) => {
      this.log.push(`in${depth}`);
      if (depth < 4) await this.ctx.blockConcurrencyWhile(() => descend(depth + 1));
      this.log.push(`out${depth}`);
    };
    await descend(0);
    return this.log;
  }

  async callers() {
    return this.log;
  }

  async enter(name) {
    this.log.push(`${name}0`);
    await this.section(name);
    this.log.push(`${name}3`);
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    const stub = env.SUBJECT.getByName(method);
    if (method === "callers") await Promise.all(["a", "b", "c"].map((name) => stub.enter(name)));
    return Response.json(await stub[method]());
  },
};
