import { DurableObject } from "cloudflare:workers";

async function outcome(call) {
  try {
    const value = await call();
    if (value instanceof Map) return [...value.keys()];
    return value === undefined ? "undefined" : value;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export class Subject extends DurableObject {
  async keys() {
    const { storage } = this.ctx;
    const values = [7, -0, 1.5, 1e21, NaN, true, null, undefined, new Date(0).getTime(), 10n];
    for (const key of values) if (key !== null) await storage.put(key, 1);
    const out = [[...(await storage.list()).keys()]];
    for (const key of values) out.push(await outcome(() => storage.get(key)));
    out.push(await outcome(() => storage.delete(7)), await outcome(() => storage.delete(null)), await outcome(() => storage.delete(undefined)));
    out.push(await outcome(() => storage.get(Symbol("s"))), await outcome(() => storage.delete(Symbol("s"))));
    return out;
  }

  async key_lists() {
    const { storage } = this.ctx;
    await storage.put({ 1: "one", true: "yes", a: "A", null: "nothing" });
    return [
      await outcome(() => storage.get([1, true, "a", null, undefined])),
      await outcome(() => storage.get(["a", "a", "b"])),
      await outcome(() => storage.get([])),
      await outcome(() => storage.get([["a"]])),
      await outcome(() => storage.get([Symbol("s")])),
      await outcome(() => storage.delete([1, "a", "a", "b"])),
      await outcome(() => storage.delete([])),
      await outcome(() => storage.list()),
    ];
  }

  async missing() {
    const { storage } = this.ctx;
    return [
      await outcome(() => storage.get()),
      await outcome(() => storage.put()),
      await outcome(() => storage.put("a")),
      await outcome(() => storage.put("a", undefined)),
      await outcome(() => storage.put("a", null)),
      await outcome(() => storage.get("a")),
      await outcome(() => storage.put(5)),
      await outcome(() => storage.delete()),
      await outcome(() => storage.transaction()),
      await outcome(() => storage.transaction("x")),
      await outcome(() => storage.put(null, 1)),
      await outcome(() => storage.list()),
    ];
  }

  async entries() {
    const { storage } = this.ctx;
    return [
      await outcome(() => storage.put({})),
      await outcome(() => storage.put({ a: 1, b: undefined, 5: 2 })),
      await outcome(() => storage.put(new Map([["m", 1]]))),
      await outcome(() => storage.put(["x", "y"])),
      await outcome(() => storage.put(new Set(["s"]))),
      await outcome(() => storage.put(new Date(0))),
      await outcome(() => storage.list()),
      await outcome(() => storage.get("0")),
    ];
  }

  async entry_options() {
    const { storage } = this.ctx;
    const entries = { e: 1 };
    return [
      await outcome(() => storage.put(entries, undefined)),
      await outcome(() => storage.put(entries, null)),
      await outcome(() => storage.put(entries, {})),
      await outcome(() => storage.put(entries, { allowUnconfirmed: "yes" })),
      await outcome(() => storage.put(entries, 5)),
      await outcome(() => storage.put(entries, "x")),
      await outcome(() => storage.put(entries, true)),
      await outcome(() => storage.put("k", entries)),
      await outcome(() => storage.list()),
    ];
  }

  async options() {
    const { storage } = this.ctx;
    const out = [];
    for (const options of [undefined, null, {}, [], 5, "x", true, { allowUnconfirmed: 0, noCache: null, other: 1 }]) {
      out.push([
        await outcome(() => storage.put("a", 1, options)),
        await outcome(() => storage.get("a", options)),
        await outcome(() => storage.get(["a"], options)),
        await outcome(() => storage.delete("a", options)),
        await outcome(() => storage.list(options)),
      ]);
    }
    return out;
  }

  async list_options() {
    const { storage } = this.ctx;
    await storage.put({ a: 1, b: 2, 1: 3, null: 4, true: 5, undefined: 6 });
    const out = [];
    for (const options of [
      { start: null }, { start: undefined }, { start: 1 }, { end: true }, { end: null }, { prefix: null }, { prefix: undefined },
      { prefix: true }, { startAfter: null }, { start: "a", startAfter: undefined }, { start: "a", startAfter: null },
      { limit: 1.9 }, { limit: "2" }, { limit: null }, { limit: undefined }, { limit: 0 }, { limit: -1 }, { limit: NaN }, { limit: "x" },
      { limit: true }, { limit: 2 ** 31 }, { limit: 2 ** 40 }, { limit: Infinity }, { reverse: 1, limit: 1 }, { reverse: "", limit: 1 }, { reverse: null, limit: 1 },
      { start: "a", startAfter: "a" }, { start: Symbol("s") }, { limit: 10n }, { unknown: 1, limit: 1 },
    ]) out.push(await outcome(() => storage.list(options)));
    return out;
  }

  async delete_all() {
    const { storage } = this.ctx;
    const out = [];
    for (const options of [undefined, null, {}, 5, "x", { allowUnconfirmed: true }]) {
      await storage.put("a", 1);
      out.push([await outcome(() => storage.deleteAll(options)), await outcome(() => storage.list())]);
    }
    return out;
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    return Response.json(await env.SUBJECT.getByName(method)[method]());
  },
};
