import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  async start() {
    this.ctx.waitUntil(this.failing());
    this.ctx.waitUntil(this.later());
    return "started";
  }

  async failing() {
    throw new Error("only logged");
  }

  async later() {
    await scheduler.wait(10);
    await this.ctx.storage.put("later", true);
    this.finished?.();
  }

  async finish() {
    if (!(await this.ctx.storage.get("later"))) {
      await new Promise((resolve) => (this.finished = resolve));
    }
    return (await this.ctx.storage.get("later")) ?? null;
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    return Response.json(await env.SUBJECT.getByName("foo")[method]());
  },
};
