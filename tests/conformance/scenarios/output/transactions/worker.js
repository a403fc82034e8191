import { DurableObject } from "cloudflare:workers";

export class Other extends DurableObject {
  log = [];

  async note(label) {
    this.log.push(label);
  }

  async report() {
    return this.log;
  }
}

export class Subject extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.sql = ctx.storage.sql;
    this.sql.exec("create table if not exists p(id integer primary key)");
    this.sql.exec("create table if not exists c(p references p(id) deferrable initially deferred)");
  }

  // Allowed until the commit.
  bad() {
    this.sql.exec("insert into c values(9)");
  }

  tell(label) {
    return this.env.OTHER.getByName(this.ctx.id.name).note(label);
  }

  async commit() {
    await this.ctx.storage.transaction(async (txn) => {
      await txn.put("in", 1);
      this.bad();
    });
    await this.tell("after");
    return "committed";
  }

  async caught() {
    try {
      await this.ctx.storage.transaction(async () => this.bad());
    } catch (error) {
      await this.tell("caught");
    } finally {
      await this.tell("finally");
    }
    return "committed";
  }

  async rolled_back() {
    await this.ctx.storage.transaction(async (txn) => {
      await txn.put("in", 1);
      this.bad();
      txn.rollback();
      await this.ctx.storage.put("after rollback", 1);
    });
    await this.tell("after");
    return "rolled back";
  }

  async thrown() {
    try {
      await this.ctx.storage.transaction(async () => {
        this.bad();
        throw new TypeError("own");
      });
    } catch (error) {
      await this.tell("caught");
    }
    return "thrown";
  }

  async nested() {
    await this.ctx.storage.transaction(async () => {
      await this.ctx.storage.transaction(async () => this.bad());
      await this.ctx.storage.put("outer", 1);
      this.log = "inner committed";
    });
    return "committed";
  }

  async nested_rolled_back() {
    await this.ctx.storage.transaction(async () => {
      await this.ctx.storage.put("outer", 1);
      await this.ctx.storage.transaction(async (inner) => {
        this.bad();
        inner.rollback();
      });
    });
    await this.tell("after");
    return "committed";
  }

  async sync() {
    const result = this.ctx.storage.transactionSync(() => {
      this.bad();
      return "released";
    });
    this.tell(result).catch(() => {});
    return result;
  }

  async sync_thrown() {
    try {
      this.ctx.storage.transactionSync(() => {
        this.bad();
        throw new TypeError("own");
      });
    } catch (error) {
      await this.tell(error.message);
    }
    return "thrown";
  }

  async sync_in_transaction() {
    await this.ctx.storage.transaction(async (txn) => {
      await txn.put("outer", 1);
      this.ctx.storage.transactionSync(() => this.bad());
      const rows = this.sql.exec("select * from c").toArray().length;
      txn.rollback();
      await this.tell(`rows ${rows}`);
    });
    return "rolled back";
  }

  async repaired() {
    await this.ctx.storage.transaction(async () => {
      this.bad();
      await scheduler.wait(2);
      this.sql.exec("insert into p values(9)");
    });
    await this.tell("after");
    return "committed";
  }

  async statement() {
    await this.ctx.storage.transaction(async (txn) => {
      await txn.put("in", 1);
      try {
        this.sql.exec("insert into p values(1), (2), (1)");
      } catch (error) {
        await this.tell(error.message.slice(0, 30));
      }
    });
    return this.sql.exec("select * from p").toArray().length;
  }

  async two() {
    const first = this.ctx.storage.transaction(async (txn) => txn.put("first", 1));
    const second = this.ctx.storage.transaction(async () => this.bad());
    await first;
    await second;
    await this.tell("second");
    return "committed";
  }

  async after() {
    return {
      rows: this.sql.exec("select * from c").toArray().length,
      keys: [...(await this.ctx.storage.list()).keys()],
    };
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    const out = {};
    try {
      out.result = await env.SUBJECT.getByName(method)[method]();
    } catch (error) {
      out.failed = `${error.name}: ${error.message.replace(/reference = \w+/, "reference = ...")}`;
    }
    await scheduler.wait(10);
    out.told = await env.OTHER.getByName(method).report();
    out.after = await env.SUBJECT.getByName(method).after();
    return Response.json(out);
  },
};
