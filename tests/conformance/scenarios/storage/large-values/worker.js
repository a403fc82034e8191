import { DurableObject } from "cloudflare:workers";

const MIB = 1024 * 1024;

async function outcome(call) {
  try {
    return (await call()) ?? "stored";
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export class Subject extends DurableObject {
  async values() {
    const { storage } = this.ctx;
    const big = "x".repeat(8 * MIB - 1000);
    return [
      await outcome(() => storage.put("fits", big)),
      (await storage.get("fits")) === big,
      await outcome(() => storage.put("bytes", new Uint8Array(8 * MIB - 1000))),
      (await storage.get("bytes")).length,
      await outcome(() => storage.put("too large", "x".repeat(8 * MIB + 1000))),
      await outcome(() => storage.put("fits", "y".repeat(8 * MIB + 1000))),
      (await storage.get("fits")) === big,
      [...(await storage.list({ limit: 3 })).keys()],
    ];
  }

  async several() {
    const { storage } = this.ctx;
    await storage.put("old", 1);
    const failed = await outcome(() => storage.put({ a: 1, b: "x".repeat(9 * MIB), c: 2 }));
    await storage.put("after", 1);
    return [failed, [...(await storage.list()).keys()]];
  }

  async synchronous() {
    const { kv, sql } = this.ctx.storage;
    const out = [];
    out.push(await outcome(() => kv.put("k", "x".repeat(9 * MIB))));
    out.push(kv.get("k") ?? "nothing");
    sql.exec("create table t(a)");
    out.push(await outcome(() => sql.exec("insert into t values(?)", "x".repeat(9 * MIB)).toArray().length));
    out.push(await outcome(() => sql.exec("select length(zeroblob(9000000)) as n").one().n));
    out.push(sql.exec("select count(*) as n from t").one().n);
    return out;
  }

  async in_transaction() {
    const { storage } = this.ctx;
    const result = await outcome(() =>
      storage.transaction(async (txn) => {
        await txn.put("a", 1);
        const failed = await outcome(() => txn.put("b", "x".repeat(9 * MIB)));
        await txn.put("c", 1);
        return failed;
      }),
    );
    return [result, [...(await storage.list()).keys()]];
  }

  async keys() {
    const { storage } = this.ctx;
    const out = [];
    for (const size of [2048, 2049, 100000, 1000000]) {
      const key = "k".repeat(size);
      out.push(await outcome(() => storage.put(key, size)), (await storage.get(key)) ?? "nothing", await storage.delete(key));
    }
    return out;
  }

  async many() {
    const { storage } = this.ctx;
    const entries = {};
    for (let i = 0; i < 500; i++) entries["k" + String(i).padStart(3, "0")] = i;
    const keys = Object.keys(entries);
    return [
      await outcome(() => storage.put(entries)),
      (await storage.get(keys)).size,
      (await storage.list()).size,
      await storage.delete(keys.slice(0, 300)),
      [...(await storage.list({ limit: 2 })).keys()],
    ];
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    return Response.json(await env.SUBJECT.getByName(method)[method]());
  },
};
