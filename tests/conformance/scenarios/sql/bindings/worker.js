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

  async plain() {
    return [
      ["select typeof(?) as a, typeof(?) as b, typeof(?) as c", 1, 1.5, "x"],
      ["create table t(i integer, x text, r real, b blob, n)"],
      ["insert into t values(?,?,?,?,?)", 5, 5, 5, 5, 5],
      ["select i, typeof(i) as ti, x, r, typeof(r) as tr, b, typeof(b) as tb, n, typeof(n) as tn from t"],
      ["select ?1 as a, ?3 as c", 1, 2, 3],
      ["select :a, @b, $c", 1, 2, 3],
      ["select ?", 1, 2],
      ["select ?"],
      ["select ?", 4503599627370496],
      ["select 9007199254740993 as big, x'0102' as blob, null as nil, 'text' as text, 1.5 as real, 2.0 as whole"],
      ["select hex(?) as h", "é€😀"],
    ].map((statement) => this.rows(...statement));
  }

  async special() {
    const one = (...values) => outcome(() => row(this.sql.exec("select typeof(?) as t, hex(?) as h", ...values).one()));
    const bytes = new Uint8Array([1, 2, 255]);
    return {
      bool: one(true, false), none: one(null, null), bytes: one(bytes, bytes), empty: one(new Uint8Array(), new Uint8Array()),
      list: one([1, 2], [1, 2]), dict: one({ a: 1 }, { a: 1 }), big: one(2n ** 60n, 1),
    };
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
