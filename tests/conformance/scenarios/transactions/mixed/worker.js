import { DurableObject } from "cloudflare:workers";

const LATER = 4102444800000;

export class Subject extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec("create table if not exists t(a)");
  }

  async alarm() {}

  // Writes through every interface.
  async write(label, txn = this.ctx.storage) {
    const { storage } = this.ctx;
    await txn.put(`txn ${label}`, 1);
    await storage.put(`put ${label}`, 1);
    storage.kv.put(`kv ${label}`, 1);
    storage.sql.exec("insert into t values(?)", label);
    await txn.setAlarm(LATER + label.length);
  }

  writeSync(label) {
    const { storage } = this.ctx;
    storage.kv.put(`kv ${label}`, 1);
    storage.put(`put ${label}`, 1);
    storage.sql.exec("insert into t values(?)", label);
    storage.setAlarm(LATER + label.length);
  }

  async state() {
    const { storage } = this.ctx;
    const alarm = await storage.getAlarm();
    return {
      keys: [...(await storage.list()).keys()].join(),
      rows: storage.sql.exec("select a from t").toArray().map((row) => row.a).join(),
      alarm: alarm === null ? null : alarm - LATER,
    };
  }

  async commit() {
    await this.ctx.storage.transaction((txn) => this.write("in", txn));
  }

  async throw() {
    await this.write("before");
    try {
      await this.ctx.storage.transaction(async (txn) => {
        await this.write("within", txn);
        throw new Error("undo");
      });
    } catch {}
  }

  async rollback() {
    await this.ctx.storage.transaction(async (txn) => {
      await this.write("in", txn);
      txn.rollback();
    });
  }

  async rollback_and_go_on() {
    await this.ctx.storage.transaction(async (txn) => {
      await this.write("in", txn);
      txn.rollback();
      await this.write("afterwards");
    });
  }

  async inner_rollback() {
    await this.ctx.storage.transaction(async (outer) => {
      await this.write("outer", outer);
      await this.ctx.storage.transaction(async (inner) => {
        await this.write("in", inner);
        inner.rollback();
      });
      await outer.put("last", 1);
    });
  }

  async inner_throw() {
    const { storage } = this.ctx;
    await storage.transaction(async (outer) => {
      await this.write("outer", outer);
      try {
        await storage.transaction(async (inner) => {
          await this.write("in", inner);
          throw new Error("undo");
        });
      } catch {
        storage.kv.put("caught", 1);
      }
    });
  }

  async outer_throw() {
    const { storage } = this.ctx;
    try {
      await storage.transaction(async (outer) => {
        await storage.transaction((inner) => this.write("in", inner));
        throw new Error("undo");
      });
    } catch {}
  }

  async sync_inside() {
    const { storage } = this.ctx;
    await storage.transaction(async (txn) => {
      storage.transactionSync(() => this.writeSync("in"));
      await txn.put("txn", 1);
    });
    await storage.transaction(async (txn) => {
      storage.transactionSync(() => this.writeSync("lost"));
      txn.rollback();
    });
  }

  async sync_thrown_inside() {
    const { storage } = this.ctx;
    await storage.transaction(async (txn) => {
      await txn.put("txn", 1);
      try {
        storage.transactionSync(() => {
          this.writeSync("in");
          throw new Error("undo");
        });
      } catch {}
    });
  }

  async sync_nested() {
    const { storage } = this.ctx;
    storage.transactionSync(() => {
      this.writeSync("one");
      try {
        storage.transactionSync(() => {
          this.writeSync("two");
          storage.transactionSync(() => this.writeSync("three"));
          throw new Error("undo");
        });
      } catch {}
      this.writeSync("last one");
    });
  }

  async delete_all() {
    const { storage } = this.ctx;
    await storage.transaction(async (txn) => {
      await this.write("in", txn);
      for (const call of [() => storage.deleteAll(), () => txn.deleteAll()]) {
        try {
          await call();
        } catch (error) {
          await storage.put(error.message, 1);
        }
      }
    });
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    const stub = env.SUBJECT.getByName(method);
    await stub[method]();
    return Response.json(await stub.state());
  },
};
