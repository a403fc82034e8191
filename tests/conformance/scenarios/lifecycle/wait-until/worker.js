import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  log = [];

  async forms() {
    const outcome = (...values) => {
      try {
        return this.ctx.waitUntil(...values) === undefined ? "undefined" : "something";
      } catch (error) {
        return `${error.name}: ${error.message}`;
      }
    };
    return {
      promise: outcome(Promise.resolve(5)), missing: outcome(), undefined: outcome(undefined),
      nothing: outcome(null), number: outcome(5), text: outcome("x"), object: outcome({}),
      extra: outcome(Promise.resolve(), 5), timer: outcome(scheduler.wait(1)),
    };
  }

  async order() {
    this.ctx.waitUntil(this.work("a", 20));
    this.ctx.waitUntil(this.work("b", 5));
    this.ctx.waitUntil(this.work("c", 0));
    this.log.push("answer");
    return [...this.log];
  }

  async work(label, ms) {
    this.log.push(`${label} starts`);
    if (ms) await scheduler.wait(ms);
    await this.ctx.storage.put(label, true);
    this.log.push(`${label} ends`);
    if (this.log.length >= 7) this.all?.();
  }

  async rejected() {
    this.ctx.waitUntil(Promise.reject(new Error("only logged")));
    this.ctx.waitUntil(scheduler.wait(2).then(() => { throw new TypeError("later"); }));
    return "answered";
  }

  async after() {
    if (this.log.length < 7) await new Promise((resolve) => (this.all = resolve));
    return [this.log, [...(await this.ctx.storage.list()).keys()]];
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    return Response.json(await env.SUBJECT.getByName("foo")[method]());
  },
};
