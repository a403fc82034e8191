import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  log = [];

  constructor(ctx, env) {
    super(ctx, env);
    this.log.push("constructor starts");
    this[`start_${ctx.id.name}`]?.();
    this.log.push("constructor ends");
  }

  section(label, work) {
    return this.ctx.blockConcurrencyWhile(async () => {
      this.log.push(`${label} starts`);
      const value = await work();
      this.log.push(`${label} ends`);
      return value;
    });
  }

  start_several() {
    this.section("a", () => scheduler.wait(5));
    this.section("b", () => scheduler.wait(1));
  }

  start_nested() {
    this.section("outer", async () => {
      await scheduler.wait(1);
      await this.section("inner", () => scheduler.wait(1));
    });
  }

  start_storage() {
    this.ctx.storage.put("a", 1);
    this.section("load", async () => {
      this.a = await this.ctx.storage.get("a");
      await this.ctx.storage.put("b", this.a + 1);
      await this.ctx.storage.sync();
    });
  }

  start_timer() {
    setTimeout(() => this.log.push("timer"), 1);
    this.section("a", () => scheduler.wait(20));
  }

  start_calling() {
    this.section("a", async () => {
      this.log.push(await this.env.SUBJECT.getByName("peer").ping("constructor"));
    });
  }

  async ping(from) {
    this.log.push(`ping ${from}`);
    return `pong ${from}`;
  }

  async read() {
    await scheduler.wait(5);
    return { log: this.log, stored: Object.fromEntries(await this.ctx.storage.list()) };
  }
}

export default {
  async fetch(request, env) {
    const stub = env.SUBJECT.getByName(new URL(request.url).pathname.slice(1));
    await Promise.all([stub.ping(1), stub.ping(2), stub.ping(3)]);
    return Response.json(await stub.read());
  },
};
