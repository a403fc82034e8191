import { DurableObject } from "cloudflare:workers";

const LATER = 4102444800000;

export class Subject extends DurableObject {
  log = [];

  async run() {
    const { storage } = this.ctx;
    const out = {};
    out.none = await storage.getAlarm();
    out.set = (await storage.setAlarm(LATER)) ?? null;
    out.get = await storage.getAlarm();
    await storage.setAlarm(new Date(LATER + 1000));
    out.byDate = await storage.getAlarm();
    await storage.transaction(async (txn) => {
      await txn.deleteAlarm();
      txn.rollback();
    });
    out.afterRollback = await storage.getAlarm();
    out.delete = (await storage.deleteAlarm()) ?? null;
    out.deleted = await storage.getAlarm();
    await storage.setAlarm(LATER);
    await storage.deleteAll();
    out.afterDeleteAll = await storage.getAlarm();
    await storage.setAlarm(LATER);
    return out;
  }

  async stored() {
    return this.ctx.storage.getAlarm();
  }

  async steps(label) {
    for (let i = 0; i < 3; i++) {
      this.log.push(label + i);
      await this.ctx.storage.getAlarm();
      await this.ctx.storage.setAlarm(LATER);
    }
  }

  async log_text() {
    return this.log.join(" ");
  }

  async alarm() {}
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    const stub = env.SUBJECT.getByName("foo");
    if (method === "order") {
      await Promise.all([stub.steps("A"), stub.steps("B")]);
      return Response.json(await stub.log_text());
    }
    return Response.json(await stub[method]());
  },
};
