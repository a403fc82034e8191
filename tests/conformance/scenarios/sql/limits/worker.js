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

  async texts() {
    const list = (count, item) => Array(count).fill(item);
    const ones = list(101, 1);
    return {
      parameters: this.rows(`select ${list(101, "?").join()}`, ...ones), hundred: this.rows(`select max(${list(100, "?").join()}) as m`, ...list(100, 1)),
      columns: this.rows(`create table big(${ones.map((_, i) => "c" + i).join()})`), text: this.rows("select 1" + " ".repeat(100000)),
      compound: this.rows(list(6, "select 1").join(" union all ")), five: this.rows(list(5, "select 1 as a").join(" union all ")),
      depth: this.rows("select " + list(102, "1").join("+")), like: this.rows("select 'a' like ?", "x".repeat(51)), glob: this.rows("select 'a' glob ? as g", "x".repeat(50)),
      call: this.rows(`select max(${list(128, 1).join()})`), blob: this.rows("select zeroblob(8388643)"), bound: this.rows("select ?", "x".repeat(8388643)),
      length: this.rows("select length(zeroblob(8388642)) as n"), put: outcome(() => this.ctx.storage.kv.put("big", new Uint8Array(9000000))),
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
