import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  get size() {
    return this.ctx.storage.sql.databaseSize;
  }

  exec(...args) {
    this.ctx.storage.sql.exec(...args);
    return this.size;
  }

  async growing() {
    const out = [this.size];
    out.push(this.exec("create table t(a, b)"), this.exec("create index i on t(a)"), this.exec("insert into t values(1, 'small')"));
    for (let i = 0; i < 3; i++) out.push(this.exec("insert into t values(2, ?)", "x".repeat(10000)));
    out.push(this.exec("insert into t values(3, zeroblob(1000000))"), this.exec("create table u(a primary key) without rowid"), this.exec("create view v as select 1"));
    return out;
  }

  async entries() {
    const { storage } = this.ctx;
    const out = [this.size];
    storage.kv.get("a");
    out.push(this.size);
    await storage.put("a", 1);
    out.push(this.size > 4096);
    await storage.put("b", "x".repeat(100000));
    out.push(this.size > 100000);
    await storage.delete("b");
    out.push(this.size < 20000);
    return out;
  }

  async rolled_back() {
    const out = [this.exec("create table t(a)")];
    try {
      this.ctx.storage.transactionSync(() => {
        out.push(this.exec("insert into t values(zeroblob(50000))"));
        throw new Error("undo");
      });
    } catch {}
    out.push(this.size);
    await this.ctx.storage.transaction(async (txn) => {
      out.push(this.exec("insert into t values(zeroblob(50000))"));
      txn.rollback();
      out.push(this.size);
    });
    out.push(this.size);
    return out;
  }

  async deleted() {
    const out = [this.exec("create table t(a)"), this.exec("insert into t values(zeroblob(100000))")];
    out.push(this.exec("delete from t"), this.exec("insert into t values(zeroblob(50000))"), this.exec("drop table t"));
    await this.ctx.storage.sync();
    out.push(this.size, this.exec("create table u(a)"));
    await this.ctx.storage.deleteAll();
    out.push(this.size, this.exec("create table u(a)"));
    return out;
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    return Response.json(await env.SUBJECT.getByName(method)[method]());
  },
};
