import { DurableObject } from "cloudflare:workers";

const attempts = {};

export class Subject extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    const how = ctx.id.name;
    attempts[how] = (attempts[how] ?? 0) + 1;
    if (attempts[how] > 1) return;
    if (how === "direct") ctx.abort("no start");
    if (how === "section") {
      ctx.blockConcurrencyWhile(async () => {
        await ctx.storage.put("a", 1);
        await scheduler.wait(2);
        ctx.abort("no start");
      });
    }
    if (how === "afterPut") {
      ctx.storage.put("a", 1);
      ctx.abort("no start");
    }
  }

  async ping() {
    return ["pong", (await this.ctx.storage.get("a")) ?? null];
  }
}

async function outcome(promise) {
  try {
    return await promise;
  } catch (error) {
    const flags = ["remote", "retryable", "overloaded", "durableObjectReset"];
    return [error.name, error.message, ...flags.filter((flag) => error[flag] === true)];
  }
}

export default {
  async fetch(request, env) {
    const how = new URL(request.url).pathname.slice(1);
    const stub = env.SUBJECT.getByName(how);
    const other = env.SUBJECT.getByName(how);
    const first = await Promise.all([outcome(stub.ping()), outcome(stub.ping()), outcome(other.ping())]);
    return Response.json({
      first,
      same: await outcome(stub.ping()),
      other: await outcome(other.ping()),
      fresh: await outcome(env.SUBJECT.getByName(how).ping()),
      stillBroken: await outcome(stub.ping()),
      attempts: attempts[how],
    });
  },
};
