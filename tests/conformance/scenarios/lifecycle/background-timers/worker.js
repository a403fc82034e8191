import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  log = [];

  async start() {
    let ticks = 0;
    setTimeout(() => this.log.push("second"), 20);
    setTimeout(() => this.log.push("first"), 5);
    setTimeout((a, b) => this.log.push(`arguments ${a} ${b}`), 10, "x", 2);
    const cleared = setTimeout(() => this.log.push("cleared"), 5);
    clearTimeout(cleared);
    clearTimeout(12345);
    clearTimeout(undefined);
    setTimeout(() => { throw new Error("from a timer"); }, 12);
    const interval = setInterval(() => {
      ticks += 1;
      this.log.push(`tick ${ticks}`);
      if (ticks === 3) clearInterval(interval);
    }, 25);
    this.task();
    this.failing();
    return "started";
  }

  async task() {
    await scheduler.wait(15);
    await this.ctx.storage.put("task", true);
    this.log.push("task");
  }

  async failing() {
    await scheduler.wait(3);
    throw new TypeError("unhandled");
  }

  async result() {
    while (!this.log.includes("tick 3")) await scheduler.wait(5);
    await scheduler.wait(30);
    return [this.log, (await this.ctx.storage.get("task")) ?? null];
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    return Response.json(await env.SUBJECT.getByName("foo")[method]());
  },
};
