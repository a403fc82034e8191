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

  async nesting() {
    const { storage } = this.ctx;
    this.sql.exec("create table t(a)");
    const result = storage.transactionSync(() => {
      this.sql.exec("insert into t values(1)");
      try {
        storage.transactionSync(() => {
          this.sql.exec("insert into t values(2)");
          storage.kv.put("inner", 1);
          throw new Error("inner");
        });
      } catch (error) {
        if (error.message !== "inner") throw error;
      }
      this.sql.exec("insert into t values(3)");
      storage.kv.put("outer", 1);
      return "result";
    });
    return [result, this.rows("select a from t"), [...storage.kv.list()].map(([key]) => key)];
  }

  async inside_transaction() {
    const { storage } = this.ctx;
    await storage.transaction(async () => {
      storage.transactionSync(() => this.sql.exec("insert into t values(4)"));
      storage.put("gone", 1);
      throw new Error("outer");
    }).catch(() => {});
    await storage.transaction(async (txn) => {
      storage.transactionSync(() => this.sql.exec("insert into t values(5)"));
      await txn.put("kept", 1);
    });
    return [this.rows("select a from t"), [...(await storage.list()).keys()]];
  }

  async refused() {
    const { storage } = this.ctx;
    return [
      outcome(() => storage.transactionSync()), outcome(() => storage.transactionSync(5)),
      await storage.transaction(async () => storage.deleteAll().catch((error) => error.message)),
    ];
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
