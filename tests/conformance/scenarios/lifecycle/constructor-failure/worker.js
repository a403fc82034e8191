import { DurableObject } from "cloudflare:workers";

const attempts = {};

export class Subject extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    const kind = ctx.id.name;
    attempts[kind] = (attempts[kind] ?? 0) + 1;
    if (attempts[kind] > 1) return;
    if (kind === "raises") throw new TypeError("no start");
    if (kind === "section") {
      ctx.blockConcurrencyWhile(async () => {
        throw new TypeError("no start");
      });
    }
  }

  async ping() {
    return "pong";
  }
}

async function outcome(promise) {
  try {
    return await promise;
  } catch (error) {
    const flags = ["remote", "durableObjectReset"].filter((flag) => error[flag] === true);
    return { name: error.name, message: error.message, flags };
  }
}

export default {
  async fetch(request, env) {
    const kind = new URL(request.url).pathname.slice(1);
    const stub = env.SUBJECT.getByName(kind);
    const first = await Promise.all([outcome(stub.ping()), outcome(stub.ping())]);
    const same = await outcome(stub.ping());
    const fresh = await outcome(env.SUBJECT.getByName(kind).ping());
    return Response.json({ first, same, fresh: fresh.name ?? fresh, attempts: attempts[kind] });
  },
};
