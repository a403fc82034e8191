import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.storage = ctx.storage;
    this.exec("create table if not exists t(a primary key)");
  }

  exec(statement) {
    return this.storage.sql.exec(statement);
  }

  attempt(statement) {
    try {
      return this.exec(statement).toArray().length;
    } catch (error) {
      return error.message;
    }
  }

  async state() {
    return { rows: this.exec("select a from t order by a").toArray().map((row) => row.a), keys: [...(await this.storage.list()).keys()] };
  }

  async thrown() {
    this.exec("insert into t values(1)");
    this.storage.kv.put("a", 1);
    await this.storage.put("b", 1);
    throw new RangeError("own");
  }

  async failed_statement() {
    this.exec("insert into t values(1), (2)");
    return [this.attempt("insert into t values(3), (4), (1), (5)"), this.attempt("update t set a = 1"), this.attempt("insert into t values(6)"), this.attempt("insert into missing values(1)")];
  }

  async partly_applied() {
    return [
      this.attempt("insert into t values(1); insert into t values(1); insert into t values(2)"),
      this.attempt("insert into t values(3); select * from missing; insert into t values(4)"),
      this.attempt("insert into t values(5); nonsense"),
      this.attempt("insert into t values(6);"),
      this.attempt("insert into t values(7); -- a comment"),
      this.attempt("insert into t values(8); insert into t values(?)"),
      this.attempt("insert into t values(9); begin"),
      this.attempt("select 1; insert into t values(10)"),
    ];
  }

  async aborted() {
    this.exec("insert into t values(1)");
    this.storage.kv.put("a", 1);
    await this.storage.get("a");
    this.ctx.abort("stopped");
  }

  async aborted_after_await() {
    this.exec("insert into t values(1)");
    await scheduler.wait(1);
    this.exec("insert into t values(2)");
    await Promise.resolve();
    this.ctx.abort("stopped");
  }

  async aborted_after_sync() {
    this.exec("insert into t values(1)");
    this.storage.transactionSync(() => this.exec("insert into t values(2)"));
    await this.storage.sync();
    this.storage.transactionSync(() => this.exec("insert into t values(3)"));
    this.ctx.abort("stopped");
  }

  // PRAGMA foreign_keys is ignored while a transaction is open.
  async opened_by() {
    const out = {};
    const { sql, kv } = this.storage;
    const acts = {
      nothing: () => {},
      select: () => this.exec("select * from t").toArray(),
      pragma: () => this.exec("pragma case_sensitive_like = off"),
      table_info: () => this.exec("pragma table_info(t)").toArray(),
      get: () => this.storage.get("x"),
      list: () => this.storage.list(),
      kv_get: () => kv.get("x"),
      get_alarm: () => this.storage.getAlarm(),
      delete_alarm: () => this.storage.deleteAlarm(),
      explain: () => this.exec("explain insert into t values(1)").toArray(),
      create_existing: () => this.exec("create table if not exists t(a)"),
      update_nothing: () => this.exec("update t set a = 1 where 0"),
      delete_missing: () => this.storage.delete("missing"),
      kv_delete_missing: () => kv.delete("missing"),
      put: () => this.storage.put("x", 1),
      failed_insert: () => this.attempt("insert into t values(null), (null), ((select count(*) from missing))"),
      transaction_sync: () => this.storage.transactionSync(() => {}),
    };
    for (const [name, act] of Object.entries(acts)) {
      await scheduler.wait(1);
      act();
      sql.exec("pragma foreign_keys = off");
      out[name] = sql.exec("pragma foreign_keys").one().foreign_keys === 1;
      await scheduler.wait(1);
      sql.exec("pragma foreign_keys = on");
    }
    return out;
  }

  async asynchronous_closure() {
    const result = this.storage.transactionSync(async () => {
      this.exec("insert into t values(1)");
      await scheduler.wait(1);
      this.exec("insert into t values(2)");
    });
    await result;
    return typeof result.then;
  }

  async conflicts() {
    this.exec("insert into t values(1)");
    return [
      this.attempt("insert or ignore into t values(1), (2)"), this.attempt("insert or fail into t values(3), (1), (4)"), this.attempt("insert or abort into t values(5), (1)"),
      this.attempt("insert or replace into t values(1)"), this.attempt("update or ignore t set a = 1"), this.attempt("insert or rollback into t values(1)"), this.attempt("insert into t values(9)"),
    ];
  }

  async seen_by_others() {
    this.exec("insert into t values(1)");
    const cursor = this.exec("select a from t");
    await this.storage.put("a", 1);
    this.exec("insert into t values(2)");
    return [cursor.toArray().length, this.exec("select count(*) as n from t").one().n, (await this.storage.list()).size];
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    const out = {};
    try {
      out.result = (await env.SUBJECT.getByName(method)[method]()) ?? null;
    } catch (error) {
      out.failed = error.durableObjectReset ? error.message : "an exception";
    }
    return Response.json({ ...out, ...(await env.SUBJECT.getByName(method).state()) });
  },
};
