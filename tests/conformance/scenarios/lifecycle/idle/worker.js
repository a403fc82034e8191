import { DurableObject } from "cloudflare:workers";

let instances = {};

export class Subject extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    instances[ctx.id.name] = (instances[ctx.id.name] ?? 0) + 1;
    this.calls = 0;
  }

  async touch() {
    this.calls += 1;
    const stored = ((await this.ctx.storage.get("calls")) ?? 0) + 1;
    await this.ctx.storage.put("calls", stored);
    return { instance: instances[this.ctx.id.name], calls: this.calls, stored };
  }
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const stub = env.SUBJECT.getByName(pathname);
    const first = await stub.touch();
    if (pathname !== "/held") return Response.json(first);
    await scheduler.wait(12_000);
    return Response.json([first, await stub.touch()]);
  },
};
