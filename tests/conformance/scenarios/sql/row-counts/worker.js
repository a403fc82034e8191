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

  async counts() {
    const count = (sql, ...bindings) => {
      const cursor = this.sql.exec(sql, ...bindings);
      const written = cursor.rowsWritten;
      cursor.toArray();
      return [sql, written, cursor.rowsRead];
    };
    return [
      "create table t(a)", "create table i(a integer primary key, b)", "create table p(a text primary key, b)", "create table w(a text primary key, b) without rowid",
      "create index px on p(b)", "insert into t values(1)", "insert into t values(2), (3), (4)", "insert into p values(1, 2)", "insert into w values(1, 2)",
      "update p set b = 3", "update w set b = 2 where a = 1", "delete from p where a = 1", "select * from t", "select * from t order by a desc", "select a from t where a = 3",
      "select * from t limit 1", "select 1", "pragma foreign_keys", "update t set a = 9 where a = 1000", "create view v as select 1",
    ].map((sql) => count(sql));
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
