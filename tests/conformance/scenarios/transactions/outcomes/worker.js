import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  memory = 0;

  async commit() {
    const inside = [];
    const result = await this.ctx.storage.transaction(async (txn) => {
      await txn.put("a", 1);
      await txn.put({ b: 2, c: 3 });
      await txn.delete("c");
      inside.push(await txn.get("a"), [...(await txn.list()).keys()].join());
      return "result";
    });
    return { result, inside };
  }

  async throwing() {
    await this.ctx.storage.put("before", 1);
    this.memory = 1;
    let caught = null;
    try {
      await this.ctx.storage.transaction(async (txn) => {
        await txn.put("a", 1);
        await txn.delete("before");
        throw new TypeError("boom");
      });
    } catch (error) {
      caught = { name: error.name, message: error.message };
    }
    return { caught, memory: this.memory };
  }

  async rollback() {
    const result = await this.ctx.storage.transaction(async (txn) => {
      await txn.put("a", 1);
      await txn.rollback();
      await txn.rollback();
      return "returned";
    });
    return { result };
  }

  async unawaited_before() {
    this.ctx.storage.put("before", 1);
    try {
      await this.ctx.storage.transaction(async (txn) => {
        await txn.put("a", 1);
        throw new TypeError("boom");
      });
    } catch {}
    return {};
  }

  async without_await() {
    const result = await this.ctx.storage.transaction((txn) => {
      txn.put("a", 1);
      return 7;
    });
    return { result };
  }

  async nested_inner_fails() {
    await this.ctx.storage.transaction(async (outer) => {
      await outer.put("outer", 1);
      try {
        await this.ctx.storage.transaction(async (inner) => {
          await inner.put("inner", 1);
          throw new TypeError("boom");
        });
      } catch {}
      await outer.put("outer2", 2);
    });
    return {};
  }

  async nested_outer_fails() {
    try {
      await this.ctx.storage.transaction(async (outer) => {
        await outer.put("outer", 1);
        await this.ctx.storage.transaction(async (inner) => {
          await inner.put("inner", 1);
        });
        throw new TypeError("boom");
      });
    } catch {}
    return {};
  }

  async keys() {
    return [...(await this.ctx.storage.list()).keys()];
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    const stub = env.SUBJECT.getByName(method);
    return Response.json({ ...(await stub[method]()), keys: await stub.keys() });
  },
};
