import { DurableObject } from "cloudflare:workers";

const UNCONFIRMED = { allowUnconfirmed: true };
const LATER = 4102444800000;

export class Other extends DurableObject {
  log = [];

  async note(label) {
    this.log.push(label);
  }

  async fetch(request) {
    this.log.push(await request.text());
    return new Response("noted");
  }

  async report() {
    return this.log.sort();
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

  async alarm() {}

  async first(kind) {
    const { storage } = this.ctx;
    switch (kind) {
      case "read": return storage.get("x");
      case "unconfirmed": return storage.put("x", 1, UNCONFIRMED);
      case "confirmed": return storage.put("x", 1);
      case "kv": return storage.kv.put("x", 1);
      case "sql": return void this.sql.exec("insert or ignore into p values(1)");
      case "alarm": return storage.setAlarm(LATER);
      case "unconfirmed_alarm": return storage.setAlarm(LATER, UNCONFIRMED);
      case "delete": return storage.delete("missing");
      case "unconfirmed_delete": return storage.delete("missing", UNCONFIRMED);
      case "transaction_sync": return storage.transactionSync(() => storage.kv.put("x", 1));
      case "earlier_turn":
        await storage.put("x", 1);
        return scheduler.wait(2);
    }
  }

  tell(label) {
    const other = this.env.OTHER.getByName(this.ctx.id.name);
    other.note(`call ${label}`).catch(() => {});
    other.fetch("http://x/", { method: "POST", body: `fetch ${label}` }).catch(() => {});
  }

  async run(kind) {
    await this.first(kind);
    this.tell("before");
    await scheduler.wait(25);
    await this.first(kind);
    this.tell("between");
    this.bad();
    this.tell("after");
    await scheduler.wait(20);
    return "not reached";
  }
}

export default {
  async fetch(request, env) {
    const kind = new URL(request.url).pathname.slice(1);
    let failed = null;
    try {
      failed = await env.SUBJECT.getByName(kind).run(kind);
    } catch (error) {
      failed = error.message.slice(0, 30);
    }
    await scheduler.wait(20);
    return Response.json({ failed, arrived: await env.OTHER.getByName(kind).report() });
  },
};
