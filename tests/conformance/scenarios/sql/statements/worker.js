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

  async none() {
    return [
      [""],
      [" \n"],
      [" ;"],
      ["-- comment"],
      ["/* comment */"],
      ["; select 1"],
      ["-- lead\nselect 1"],
      ["select 1;"],
      ["select 1 ;  \n"],
      ["select 1;;"],
      ["select 1; -- trailing"],
      ["select 1 -- ;;"],
    ].map((statement) => this.rows(...statement));
  }

  async several() {
    return [
      ["create table a(x); create table b(x); select 'done' as d"],
      ["create table c(x); create table a(x); create table d(x)"],
      ["create table e(x);; create table f(x)"],
      ["create table g(x); -- comment"],
      ["select name from sqlite_master order by name"],
      ["insert into a values(1); insert into a values(2); select count(*) as n from a where x < ?", 2],
      ["insert into a values(?); select 1", 5],
      ["select * from a"],
      ["select 1; selec"],
      ["insert into a values(1), (2); select changes() as n"],
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
