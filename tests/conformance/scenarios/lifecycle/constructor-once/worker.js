import { DurableObject } from "cloudflare:workers";

let constructed = 0;

export class Subject extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    constructed += 1;
    ctx.blockConcurrencyWhile(async () => {
      const started = (await ctx.storage.get("starts")) ?? 0;
      await scheduler.wait(5);
      await ctx.storage.put("starts", started + 1);
      this.starts = started + 1;
    });
  }

  async starts_seen() {
    return this.starts ?? null;
  }

  async stop() {
    this.ctx.abort("stop");
  }
}

export default {
  async fetch(request, env) {
    const stub = env.SUBJECT.getByName("foo");
    const first = await Promise.all(Array.from({ length: 10 }, () => stub.starts_seen()));
    const afterFirst = constructed;
    await stub.stop().catch(() => {});
    const again = env.SUBJECT.getByName("foo");
    const second = await Promise.all(Array.from({ length: 10 }, () => again.starts_seen()));
    return Response.json({ first, afterFirst, second, afterSecond: constructed });
  },
};
