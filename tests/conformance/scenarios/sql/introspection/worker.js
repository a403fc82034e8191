import { DurableObject } from "cloudflare:workers";

const plain = (value) => (value instanceof ArrayBuffer ? { bytes: [...new Uint8Array(value)] } : value);

export class Subject extends DurableObject {
  // Rows of each statement, or what is wrong with it.
  run(...statements) {
    return statements.map((statement) => {
      try {
        return [...this.ctx.storage.sql.exec(statement).raw()].map((row) => row.map(plain));
      } catch (error) {
        return `${error.name}: ${error.message}`;
      }
    });
  }

  async tables() {
    return this.run(
      "create table a(id integer primary key, name text not null default 'x', size real, extra, gen as (size * 2) virtual)",
      "create table b(x, y, primary key(x, y)) without rowid",
      "create unique index a_name on a(name desc)",
      "create index b_part on b(y) where x > 1",
      "create view v as select name from a",
      "create trigger tr after insert on a begin select 1; end",
      "select type, name, tbl_name from sqlite_master order by name",
      "select name, sql from sqlite_schema where type = 'index' order by name",
      "pragma table_info(a)",
      "pragma table_xinfo(a)",
      "pragma table_info('b')",
      "pragma table_info(missing)",
      "pragma table_info(v)",
      "pragma index_list(a)",
      "pragma index_list(b)",
      "pragma index_info(a_name)",
      "pragma index_xinfo(a_name)",
      "pragma index_info(missing)",
    );
  }

  async functions() {
    return this.run(
      "create table a(id integer primary key, name text)",
      "create table c(a_id references a(id) on delete cascade on update set null)",
      "select name, type, pk from pragma_table_info('a')",
      "select m.name, p.name from sqlite_master m, pragma_table_info(m.name) p where m.type = 'table' order by 1, 2",
      "pragma foreign_key_list(c)",
      "select \"table\", \"from\", \"to\", on_delete from pragma_foreign_key_list('c')",
      "select schema, name, type, ncol, wr, strict from pragma_table_list where name not like 'sqlite%' order by name",
      "pragma table_list(a)",
      "select name from pragma_table_list('c')",
      "select * from pragma_index_list('a')",
      "select * from pragma_function_list limit 1",
      "select * from pragma_database_list",
      "select * from pragma_user_version",
    );
  }

  async checks() {
    return this.run(
      "create table p(id integer primary key)",
      "create table c(p references p(id))",
      "insert into p values(1)",
      "insert into c values(1)",
      "pragma foreign_key_check",
      "pragma foreign_key_check(c)",
      "pragma quick_check",
      "pragma quick_check(1)",
      "pragma quick_check(c)",
      "pragma integrity_check",
      "pragma optimize",
      "pragma optimize(0xfffe)",
      "pragma foreign_key_check(missing)",
      "select * from pragma_foreign_key_check",
      "select * from pragma_quick_check",
    );
  }

  async explained() {
    return this.run(
      "create table t(a integer primary key, b)",
      "create index t_b on t(b)",
      "explain query plan select * from t where b = 5",
      "explain query plan select * from t where a = 5",
      "explain query plan select count(*) from t x, t y where x.b = y.a",
      "explain query plan select * from _cf_KV",
      "explain query plan delete from t where b > 3",
      "explain query plan create table u(x)",
    );
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    return Response.json(await env.SUBJECT.getByName(method)[method]());
  },
};
