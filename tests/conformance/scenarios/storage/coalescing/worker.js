import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  instance = crypto.randomUUID();

  async many() {
    for (let i = 0; i < 200; i++) this.ctx.storage.put(`k${i % 10}`, i);
    this.ctx.storage.delete("k9");
    return (await this.ctx.storage.list()).size;
  }

  async throwing() {
    this.ctx.storage.put("thrown", 1);
    this.ctx.storage.put("thrown2", 2);
    throw new Error("after the writes");
  }

  async contents() {
    return Object.fromEntries(await this.ctx.storage.list());
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    try {
      return Response.json(await env.SUBJECT.getByName("foo")[method]());
    } catch (error) {
      return Response.json(error.name);
    }
  },
};
