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

  async transactions() {
    return [
      ["begin"],
      ["begin immediate"],
      ["commit"],
      ["end"],
      ["rollback"],
      ["savepoint a"],
      ["release a"],
      ["rollback to a"],
      ["explain begin"],
    ].map((statement) => this.rows(...statement));
  }

  async databases() {
    return [
      ["attach 'x' as y"],
      ["attach ':memory:' as y"],
      ["detach main"],
      ["vacuum"],
      ["create temp table t(a)"],
      ["create table temp.t(a)"],
      ["create temp view v as select 1"],
      ["create table other.t(a)"],
      ["insert into sqlite_master values(1, 2, 3, 4, 5)"],
      ["create virtual table v using fts4(a)"],
      ["create virtual table v using csv(a)"],
      ["select * from dbstat"],
      ["select * from carray(1)"],
      ["select * from generate_series(1, 2)"],
    ].map((statement) => this.rows(...statement));
  }

  async before() {
    return [
      ["select * from _cf_KV"],
    ].map((statement) => this.rows(...statement));
  }

  async names() {
    await this.ctx.storage.put("a", 1);
    return [
      "select * from _cf_KV", "select key from _CF_kv", "select count(*) from _cf_KV", "insert into _cf_KV values(1, 2)", "update _cf_KV set key = 1",
      "delete from _cf_KV", "drop table _cf_KV", "create table _cf_x(a)", "create table _CF_x(a)", "create table t(_cf_a)", "select 1 as _cf_b",
      "alter table t rename to _cf_t", "create index _cf_i on t(_cf_a)", "create index i on _cf_KV(value)", "create view _cf_v as select 1",
      "create view v as select * from _cf_KV", "select * from v", "create trigger _cf_g after insert on t begin select 1; end",
      "create virtual table _cf_f using fts5(a)", "select name from sqlite_master order by name",
    ].map((sql) => this.rows(sql));
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
