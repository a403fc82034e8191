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

  fill() {
    this.sql.exec("create table if not exists t(a)");
    this.sql.exec("delete from t");
    this.sql.exec("insert into t values(1), (2), (3), (4), (5)");
  }

  open() {
    this.fill();
    return this.sql.exec("select a from t");
  }

  next(cursor) {
    return outcome(() => cursor.next().value?.a);
  }

  rest(cursor) {
    return outcome(() => cursor.toArray().map((row) => row.a));
  }

  async over_awaits() {
    const cursor = this.open();
    const out = [this.next(cursor)];
    await scheduler.wait(2);
    out.push(this.next(cursor));
    await this.ctx.storage.sync();
    out.push(this.next(cursor));
    await this.ctx.blockConcurrencyWhile(async () => out.push(this.next(cursor)));
    out.push(this.rest(cursor), this.next(cursor) ?? "end");
    return out;
  }

  async over_calls(what) {
    if (what === "open") {
      this.kept = this.open();
      return this.next(this.kept);
    }
    this.sql.exec("insert into t values(6)");
    return [this.next(this.kept), this.rest(this.kept)];
  }

  async over_rollback() {
    const cursor = this.open();
    const out = [this.next(cursor)];
    outcome(() =>
      this.ctx.storage.transactionSync(() => {
        this.sql.exec("insert into t values(7)");
        out.push(this.next(cursor));
        throw new Error("undo");
      }),
    );
    out.push(this.rest(cursor));
    return out;
  }

  async over_transaction() {
    const cursor = this.open();
    const out = [this.next(cursor)];
    let inside;
    await this.ctx.storage.transaction(async (txn) => {
      this.sql.exec("insert into t values(7)");
      inside = this.sql.exec("select a from t");
      out.push(this.next(cursor), this.next(inside));
      txn.rollback();
      out.push(this.next(cursor), this.next(inside));
    });
    out.push(this.rest(cursor), this.rest(inside));
    return out;
  }

  async dropped() {
    const cursor = this.open();
    const out = [this.next(cursor), outcome(() => this.sql.exec("drop table t").toArray())];
    out.push(outcome(() => this.sql.exec("create index i on t(a)").toArray()));
    out.push(outcome(() => this.sql.exec("alter table t rename to u").toArray()));
    out.push(this.rest(cursor), outcome(() => this.sql.exec("drop table u").toArray()));
    out.push(outcome(() => this.sql.exec("drop table if exists t").toArray()));
    return out;
  }

  async changed() {
    const cursor = this.open();
    const out = [this.next(cursor)];
    this.sql.exec("update t set a = a * 10");
    out.push(this.next(cursor));
    this.sql.exec("delete from t where a > 30");
    out.push(this.rest(cursor));
    const ordered = this.sql.exec("select a from t order by a desc");
    this.sql.exec("delete from t");
    out.push(this.rest(ordered));
    return out;
  }

  async same_text() {
    const first = this.open();
    const second = this.sql.exec("select a from t");
    const third = this.sql.exec("select a from t");
    return [this.next(first), this.next(second), this.next(first), this.rest(second), this.rest(third), this.rest(first)];
  }

  async after_delete_all() {
    const cursor = this.open();
    const out = [this.next(cursor)];
    await this.ctx.storage.deleteAll();
    out.push(this.next(cursor), this.rest(cursor), cursor.columnNames);
    out.push(outcome(() => this.sql.exec("select a from t").toArray()));
    return out;
  }

  async broken_off() {
    const cursor = this.open();
    const out = [];
    for (const row of cursor) {
      out.push(row.a);
      if (row.a === 2) break;
    }
    const raw = cursor.raw();
    out.push(raw.next().value, raw.next().value, this.next(cursor), raw.next().done, cursor.next().done);
    return out;
  }
}

export default {
  async fetch(request, env) {
    const { pathname, search } = new URL(request.url);
    const method = pathname.slice(1);
    return Response.json(await env.SUBJECT.getByName(method)[method](search.slice(1)));
  },
};
