import { DurableObject } from "cloudflare:workers";

const LATER = 4102444800000;

async function failure(call) {
  try {
    return (await call()) ?? "nothing";
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export class Subject extends DurableObject {
  log = [];

  async note(label) {
    this.log.push(label);
  }

  async keys() {
    return [...(await this.ctx.storage.list()).keys()].join();
  }

  async reads() {
    const { storage } = this.ctx;
    await storage.put({ a: 1, b: 2, c: 3 });
    return storage.transaction(async (txn) => {
      await txn.put({ b: 20, d: 4 });
      const deleted = [await txn.delete("a"), await txn.delete("a"), await txn.delete(["c", "x"])];
      return [
        deleted, (await txn.get("a")) ?? "gone", await txn.get("b"), [...(await txn.get(["a", "b", "d"])).entries()],
        [...(await txn.list({ reverse: true, limit: 1 })).keys()], [...(await storage.list()).keys()], await txn.getAlarm(),
        (await txn.put("e", 1)) ?? "nothing", (await txn.put("e", 2, { allowUnconfirmed: true })) ?? "nothing",
      ];
    });
  }

  async others_wait() {
    setTimeout(() => this.log.push("timer from before"), 1);
    await this.ctx.storage.transaction(async (txn) => {
      this.log.push("in");
      await txn.put("a", 1);
      await scheduler.wait(15);
      this.log.push("out");
    });
    this.log.push("after");
    await scheduler.wait(5);
    return this.log;
  }

  async timer_inside() {
    await this.ctx.storage.transaction(async (txn) => {
      setTimeout(() => this.ctx.storage.put("from a timer", 1), 2);
      await scheduler.wait(10);
      this.log.push(await this.keys());
      txn.rollback();
    });
    return [...this.log, await this.keys()];
  }

  async section_inside() {
    await this.ctx.storage.transaction(async (txn) => {
      await txn.put("a", 1);
      await this.ctx.blockConcurrencyWhile(async () => {
        await this.ctx.storage.put("b", 1);
        await scheduler.wait(2);
      });
      txn.rollback();
    });
    return this.keys();
  }

  async inside_section() {
    const result = await this.ctx.blockConcurrencyWhile(() =>
      this.ctx.storage.transaction(async (txn) => {
        await txn.put("a", 1);
        return "from the transaction";
      }),
    );
    return [result, await this.keys()];
  }

  async nested_unawaited() {
    const { storage } = this.ctx;
    let inner;
    const out = [await failure(() => storage.transaction(async (txn) => {
      await txn.put("outer", 1);
      inner = failure(() => storage.transaction(async (nested) => {
        await nested.put("inner", 1);
        await scheduler.wait(5);
        this.log.push("inner ends");
      }));
      this.log.push("outer ends");
    }))];
    out.push(await inner);
    return [...out, ...this.log, await this.keys()];
  }

  async rollback_twice() {
    return this.ctx.storage.transaction(async (txn) => {
      await txn.put("a", 1);
      const out = [await failure(() => txn.rollback()), await failure(() => txn.rollback())];
      await this.ctx.storage.put("b", 1);
      out.push(await failure(() => txn.rollback()));
      return [...out, await this.keys()];
    });
  }

  async returns_rolled_back() {
    const { storage } = this.ctx;
    return [
      await storage.transaction((txn) => {
        txn.put("a", 1);
        txn.rollback();
        return { value: 1 };
      }),
      await this.keys(),
    ];
  }

  async abort_after_commit() {
    await this.ctx.storage.transaction((txn) => txn.put("a", 1));
    await this.ctx.storage.put("b", 1);
    this.ctx.abort("stopped");
  }

  async abort_inside() {
    await this.ctx.storage.put("before", 1);
    await this.ctx.storage.transaction(async (txn) => {
      await txn.put("a", 1);
      await scheduler.wait(5);
      await this.ctx.storage.put("b", 1);
      this.ctx.abort("stopped");
    });
  }

  async sync_inside() {
    await this.ctx.storage.transaction(async (txn) => {
      await txn.put("a", 1);
      await this.ctx.storage.sync();
      this.log.push("synced");
      txn.rollback();
    });
    return [...this.log, await this.keys()];
  }

  async own_errors() {
    const { storage } = this.ctx;
    return [
      await failure(() => storage.transaction((txn) => txn.put("a", undefined))),
      await failure(() => storage.transaction((txn) => txn.list({ limit: 0 }))),
      await failure(() => storage.transaction((txn) => txn.get())),
      await failure(() => storage.transaction((txn) => txn.setAlarm(LATER))),
      await this.keys(),
    ];
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    const stub = env.SUBJECT.getByName(method);
    const calls = [failure(() => stub[method]())];
    if (method === "others_wait") calls.push(stub.note("another call"));
    const [result] = await Promise.all(calls);
    return Response.json({ result, keys: await env.SUBJECT.getByName(method).keys() });
  },
};
