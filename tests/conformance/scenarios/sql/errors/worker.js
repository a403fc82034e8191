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
    return [
      ["selec 1"],
      ["select"],
      ["select * from nope"],
      ["select zz"],
      ["select é, 1"],
      ["create table t(id integer primary key, u unique, n not null default 1, c check (c > 5))"],
      ["create table s(a integer) strict"],
      ["create table k(p references t(id))"],
      ["insert into t values(1, 1, 1, 6)"],
      ["insert into t values(1, 2, 1, 6)"],
      ["insert into t values(2, 1, 1, 6)"],
      ["insert into t values(3, 3, null, 6)"],
      ["insert into t values(4, 4, 1, 5)"],
      ["insert into k values(99)"],
      ["insert into s values('text')"],
      ["insert into t values('text', 5, 1, 6)"],
      ["create table t(a)"],
      ["insert into t values(1)"],
      ["select nope(1)"],
      ["select abs(1, 2)"],
      ["select json('{')"],
      ["select abs(-9223372036854775808)"],
      ["drop table nope"],
      ["select * from t where"],
      ["insert into nope values(1)"],
      ["select 'unterminated"],
    ].map((statement) => this.rows(...statement));
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
