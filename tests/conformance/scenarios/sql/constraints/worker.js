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

  async prepare() {
    return [
      ["create table p(id integer primary key)"],
      ["create table c(p references p(id) deferrable initially deferred)"],
      ["create table d(p references p(id))"],
      ["insert into d values(9)"],
    ].map((statement) => this.rows(...statement));
  }

  async fixed() {
    return [
      ["insert into c values(1)"],
      ["insert into p values(1)"],
      ["pragma defer_foreign_keys = on"],
      ["insert into d values(2)"],
      ["insert into p values(2)"],
    ].map((statement) => this.rows(...statement));
  }

  async violated() {
    return [
      ["insert into c values(9)"],
      ["select p from c"],
    ].map((statement) => this.rows(...statement));
  }

  async in_transaction() {
    await this.ctx.storage.transaction(async () => {
      this.sql.exec("insert into c values(9)");
    });
    return "committed";
  }

  async after() {
    return [
      ["select p from c"],
      ["select p from d"],
      ["select id from p"],
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
