import { DurableObject } from "cloudflare:workers";

const LATER = 4102444800000;

export class Subject extends DurableObject {
  log = [];

  async alarm() {}

  async note(label) {
    this.log.push(label);
    return this.log;
  }

  async keys() {
    return [...(await this.ctx.storage.list()).keys()].join();
  }

  async orders() {
    const { storage } = this.ctx;
    await storage.put("a", 1);
    const first = storage.sync().then((value) => this.log.push(`first ${value}`));
    storage.put("b", 1);
    const second = storage.sync().then(() => this.log.push("second"));
    this.log.push("code");
    await storage.get("a");
    this.log.push("after get");
    await second;
    this.log.push("awaited second");
    await first;
    return this.log;
  }

  async nothing_written() {
    const results = [(await this.ctx.storage.sync()) ?? "nothing", (await this.ctx.storage.sync()) ?? "nothing"];
    return results;
  }

  async unconfirmed() {
    const { storage } = this.ctx;
    storage.put("a", 1, { allowUnconfirmed: true });
    storage.delete("b", { allowUnconfirmed: true });
    await storage.sync();
    return this.keys();
  }

  async others_between() {
    this.log.push("start");
    await this.ctx.storage.put("a", 1);
    this.log.push("put");
    await this.ctx.storage.sync();
    this.log.push("synced");
    return this.log;
  }

  async timers() {
    setTimeout(() => this.log.push("timer"), 0);
    await this.ctx.storage.put("a", 1);
    this.log.push("put");
    await this.ctx.storage.get("a");
    this.log.push("got");
    await scheduler.wait(5);
    this.log.push("waited");
    return this.log;
  }

  async abort_after() {
    const { storage } = this.ctx;
    await storage.put("kept", 1);
    await storage.sync();
    await storage.put("lost", 1);
    storage.sync();
    this.ctx.abort("stopped");
  }

  async delete_all_orders() {
    const { storage } = this.ctx;
    storage.put("a", 1);
    storage.deleteAll();
    storage.put("b", 1);
    const between = await this.keys();
    storage.put("c", 1);
    await storage.deleteAll();
    await storage.deleteAll();
    const empty = await this.keys();
    await storage.put({ d: 1, e: 2 });
    await storage.sync();
    return [between, empty, await this.keys()];
  }

  async delete_all_and_abort() {
    const { storage } = this.ctx;
    await storage.put("a", 1);
    await storage.sync();
    await storage.deleteAll();
    await storage.sync();
    await storage.put("lost", 1);
    this.ctx.abort("stopped");
  }

  async delete_all_alarm() {
    const { storage } = this.ctx;
    await storage.setAlarm(LATER);
    await storage.deleteAll();
    const gone = await storage.getAlarm();
    await storage.setAlarm(LATER);
    await storage.put("a", 1);
    return [gone, (await storage.getAlarm()) === LATER, await this.keys()];
  }

  async delete_all_from_others() {
    const { storage } = this.ctx;
    await storage.put("a", 1);
    const read = storage.get("a");
    const listed = storage.list();
    storage.deleteAll();
    return [await read, (await listed).size, (await storage.get("a")) ?? "gone"];
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    const stub = env.SUBJECT.getByName(method);
    const calls = [stub[method]().catch((error) => error.message)];
    if (method === "others_between") calls.push(stub.note("another call"));
    const [result] = await Promise.all(calls);
    return Response.json({ result, keys: await env.SUBJECT.getByName(method).keys() });
  },
};
