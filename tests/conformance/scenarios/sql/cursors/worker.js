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

  async sharing() {
    this.sql.exec("create table t(a, b)");
    for (let i = 1; i <= 6; i++) this.sql.exec("insert into t values(?, ?)", i, "x" + i);
    const c = this.sql.exec("select * from t");
    const read = [c.rowsRead];
    const first = c.next().value.a;
    read.push(c.rowsRead);
    const second = c.raw().next().value;
    let third;
    for (const item of c) {
      third = item.a;
      break;
    }
    const rest = c.toArray().map((item) => item.a);
    return { first, second, third, rest, read, end: c.next().done, again: c.toArray(), columns: c.columnNames, after: c.rowsRead };
  }

  async one() {
    const one = (sql) => outcome(() => this.sql.exec(sql).one());
    const c = this.sql.exec("select 1 as v union all select 2");
    c.next();
    const d = this.sql.exec("select 1 as v union all select 2");
    const failed = outcome(() => d.one());
    return {
      one: one("select 5 as v"), none: one("select 5 where 0"), many: one("select 1 union select 2"),
      remaining: outcome(() => c.one()), failed, closed: d.toArray(), duplicate: one("select 1 as a, 2 as a"),
      columns: this.sql.exec("select 1 as a, 2 as a, count(*)").columnNames, noColumns: this.sql.exec("create table z(q)").columnNames,
      emptyColumns: this.sql.exec("select * from z").columnNames, raw: this.sql.exec("select 1 as a, 2 as a").raw().next().value,
    };
  }

  async live() {
    this.sql.exec("create table l(a)");
    this.sql.exec("insert into l values(1), (2), (3)");
    const c = this.sql.exec("select a from l");
    const twin = this.sql.exec("select a from l");
    c.next();
    this.sql.exec("delete from l where a = 3");
    this.sql.exec("insert into l values(4)");
    await this.ctx.storage.sync();
    const locked = this.rows("drop table l");
    const altered = this.rows("alter table l add column b");
    return { rest: c.toArray().map((item) => item.a), twin: twin.toArray().length, locked, altered, dropped: this.rows("drop table l") };
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
