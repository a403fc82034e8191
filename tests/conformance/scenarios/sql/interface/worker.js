import { DurableObject } from "cloudflare:workers";

function outcome(call) {
  try {
    return call() ?? null;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export class Subject extends DurableObject {
  sql = this.ctx.storage.sql;

  async members() {
    const { sql } = this;
    const cursor = sql.exec("select 1 as a");
    const tag = (value) => Object.prototype.toString.call(value);
    return {
      tags: [tag(sql), tag(cursor), tag(cursor.raw()), tag(this.ctx.storage.kv), tag(this.ctx.storage)],
      constructors: [sql.constructor.name, cursor.constructor.name],
      same: [this.ctx.storage.sql === sql, this.ctx.storage.kv === this.ctx.storage.kv],
      cursor: outcome(() => new sql.Cursor()),
      statement: outcome(() => new sql.Statement()),
      storage: outcome(() => new sql.constructor()),
      absent: [typeof sql.prepare, typeof sql.ingest, typeof sql.setMaxPageCountForTest],
    };
  }

  async arguments() {
    const { sql } = this;
    const rows = (...args) => outcome(() => [...sql.exec(...args).raw()]);
    return [
      rows(), rows(5), rows(null), rows(undefined), rows({}), rows(["select 1"]), rows(new String("select 2 as two")), rows(""), rows("select"),
      rows("select 1", 2), rows("select ?"), rows("select ?", 1, 2), rows("select ?, ?", 1),
    ];
  }

  async parameters() {
    const { sql } = this;
    const rows = (...args) => outcome(() => [...sql.exec(...args).raw()]);
    return [
      rows("select ?1, ?1", "a"), rows("select ?2, ?1", "a", "b"), rows("select ?3", "a"), rows("select ?3", "a", "b", "c"),
      rows("select :a, @b, $c, :a", "x", "y", "z"), rows("select :a", "x", "y"), rows("select ?0", 1), rows("select ?101", 1),
      rows("select $a::b", "x"), rows("select 'a?b', \"?\"", "x"), rows("select ? -- ?", "x"), rows("select /* ? */ ?", "x"),
      rows("select 1; select ?", "x"), rows("select ?; select 1", "x"), rows("select ?; select ?", "x", "y"),
    ];
  }

  async names() {
    const { sql } = this;
    sql.exec("create table T(Mixed, \"with space\", _cf_ok)");
    sql.exec("insert into T values(1, 2, 3)");
    const names = (text) => outcome(() => [sql.exec(text).columnNames, Object.keys(sql.exec(text).one())]);
    return [
      names("select * from T"), names("select mixed, T.Mixed, t.MIXED from T"), names("select 1 + 1, count(*), 'x', null"), names("select Mixed as Alias, Mixed as \"\" from T"),
      names("select Mixed + 1 from T"), names("select x.* from (select Mixed as y from T) x"), names("values(1, 2)"), names("select 1 as b, 2 as a, 3 as b"),
      sql.exec("insert into T values(4, 5, 6)").columnNames, sql.exec("insert into T values(4, 5, 6) returning Mixed as m, *").toArray(), sql.exec("create table U(a)").columnNames,
    ];
  }

  async read_only() {
    const { sql } = this;
    const cursor = sql.exec("select 1 as a");
    const before = sql.databaseSize;
    return [
      outcome(() => { sql.databaseSize = 5; return sql.databaseSize === before; }),
      outcome(() => { cursor.rowsRead = 99; return cursor.rowsRead === 99; }),
      cursor.columnNames === cursor.columnNames,
    ];
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    return Response.json(await env.SUBJECT.getByName(method)[method]());
  },
};
