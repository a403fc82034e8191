import { DurableObject } from "cloudflare:workers";

const plain = (value) => (value instanceof ArrayBuffer ? { bytes: [...new Uint8Array(value)] } : value ?? null);
const row = (object) => Object.fromEntries(Object.entries(object).map(([k, v]) => [k, plain(v)]));

function outcome(call) {
  try {
    return call() ?? null;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export class Subject extends DurableObject {
  sql = this.ctx.storage.sql;

  rows(sql, ...bindings) {
    return outcome(() => this.sql.exec(sql, ...bindings).toArray().map(row));
  }

  async entries() {
    const { kv } = this.ctx.storage;
    kv.put("a", { x: [1, null] });
    kv.put("é", "text");
    kv.put(5, 1.5);
    await this.ctx.storage.put("b", "async");
    return {
      get: kv.get("a"), missing: kv.get("zz") ?? null, number: kv.get("5"), existed: kv.delete("5"), again: kv.delete("5"),
      list: [...kv.list()], reverse: [...kv.list({ reverse: true, limit: 2 })], prefix: [...kv.list({ prefix: "a" })], range: [...kv.list({ start: "b", end: "c" })],
      after: [...kv.list({ startAfter: "a" })].map(([key]) => key), empty: [...kv.list({ end: "" })], list_key: kv.get(["a", "b"]) ?? null,
    };
  }

  async errors() {
    const { kv } = this.ctx.storage;
    const first = kv.list();
    const one = first.next().value[0];
    kv.list();
    const invalidated = outcome(() => first.next());
    const second = kv.list();
    await this.ctx.storage.list();
    return [
      outcome(() => kv.get()), outcome(() => kv.put()), outcome(() => kv.put("x")), outcome(() => kv.delete()), outcome(() => kv.list({ limit: 0 })),
      outcome(() => kv.list({ start: "a", startAfter: "a" })), outcome(() => kv.list(5)), one, invalidated, outcome(() => second.next()),
    ];
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    try {
      return Response.json(await env.SUBJECT.getByName("subject")[method]());
    } catch (error) {
      const message = error.message.replace(/reference = \w+/, "reference = ...");
      return Response.json({ failed: message, reset: error.durableObjectReset ?? false });
    }
  },
};
