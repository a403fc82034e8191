import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  calls = 0;

  get self() {
    return this.env.SUBJECT.get(this.ctx.id);
  }

  async ping() {
    this.calls += 1;
    return [this.calls, (await this.ctx.storage.get("kept")) ?? null];
  }

  async fetch() {
    return new Response("never");
  }

  async rpc() {
    await this.ctx.blockConcurrencyWhile(async () => {
      await this.ctx.storage.put("kept", "yes");
      await this.self.ping();
    });
  }

  async fetched() {
    await this.ctx.blockConcurrencyWhile(async () => {
      await this.self.fetch("http://object/");
    });
  }

  async timer() {
    const outside = scheduler.wait(1);
    await this.ctx.blockConcurrencyWhile(() => outside);
  }

  async transaction() {
    await this.ctx.storage.transaction(async (txn) => {
      await txn.put("kept", "yes");
      await this.self.ping();
    });
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
    const method = new URL(request.url).pathname.slice(1);
    const stub = env.SUBJECT.getByName(method);
    await stub.ping();
    const call = outcome(stub[method]());
    const waiting = outcome(stub.ping());
    return Response.json({
      call: await call,
      waiting: await waiting,
      same: await outcome(stub.ping()),
      fresh: await outcome(env.SUBJECT.getByName(method).ping()),
    });
  },
};
