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

  async deleting() {
    const { storage } = this.ctx;
    this.sql.exec("create table t(a)");
    this.sql.exec("insert into t values(1), (2), (3)");
    await storage.put("early", 1);
    const cursor = this.sql.exec("select a from t");
    await storage.sync();
    storage.put("pending", 1);
    storage.deleteAll();
    await storage.put("late", 1);
    const canceled = [() => cursor.next(), () => cursor.toArray(), () => cursor.one(), () => cursor.raw().next()].map(outcome);
    const tables = this.rows("select name from sqlite_master");
    await storage.deleteAll();
    await storage.deleteAll();
    return { canceled, tables, columns: cursor.columnNames, gone: this.rows("select * from t"), left: [...(await storage.list()).keys()] };
  }

  async after() {
    return [
      ["select name from sqlite_master"],
    ].map((statement) => this.rows(...statement));
  }

  async sizes() {
    const sizes = [this.sql.databaseSize];
    this.sql.exec("create table t(a)");
    sizes.push(this.sql.databaseSize);
    await this.ctx.storage.deleteAll();
    return [...sizes, this.sql.databaseSize];
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
