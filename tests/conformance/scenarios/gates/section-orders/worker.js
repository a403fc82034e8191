import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  log = [];

  section(label, ms = 2) {
    return this.ctx.blockConcurrencyWhile(async () => {
      this.log.push(label + "1");
      await scheduler.wait(ms);
      this.log.push(label + "2");
      return "r" + label;
    });
  }

  async nested() {
    const pending = this.ctx.blockConcurrencyWhile(async () => {
      this.log.push("a1");
      await this.section("in");
      this.log.push("a2");
      return "ra";
    });
    this.log.push("after-call");
    this.log.push("v=" + (await pending));
  }

  async two() {
    await Promise.all([this.section("a"), this.section("b")]);
  }

  async timer() {
    const fired = new Promise((resolve) =>
      setTimeout(() => {
        this.log.push("timer");
        resolve();
      }, 1),
    );
    await this.section("a", 20);
    this.log.push("done");
    await fired;
  }

  async others() {
    await this.ctx.blockConcurrencyWhile(async () => {
      this.log.push("s");
      await scheduler.wait(10);
      this.log.push("e");
    });
  }

  async microtask() {
    const got = this.ctx.storage.get("k").then(() => this.log.push("get"));
    await this.section("a");
    await got;
  }

  async plain() {
    const value = await this.ctx.blockConcurrencyWhile(() => 7);
    this.log.push("v=" + value);
  }

  async other() {
    this.log.push("other");
  }

  async order() {
    return this.log.join(" ");
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    const stub = env.SUBJECT.getByName(method);
    const calls = [stub[method]()];
    if (method === "others") calls.push(stub.other());
    await Promise.all(calls);
    return Response.json(await stub.order());
  },
};
