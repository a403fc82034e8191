import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  log = [];

  get self() {
    return this.env.SUBJECT.get(this.ctx.id);
  }

  async note(text) {
    this.log.push(text);
    return text;
  }

  async once() {
    this.log.push("before");
    this.log.push(`got ${await this.self.note("inner")}`);
    return this.log;
  }

  async down(left) {
    this.log.push(left);
    return left ? 1 + (await this.self.down(left - 1)) : 0;
  }

  async recursive() {
    return [await this.self.down(5), this.log];
  }

  async fetch(request) {
    return new Response(await this.note(`fetched ${new URL(request.url).pathname}`));
  }

  async fetched() {
    const answer = await this.self.fetch("http://object/x");
    return [await answer.text(), this.log];
  }

  async many() {
    const calls = [];
    for (let i = 0; i < 5; i++) calls.push(this.self.note(i));
    this.log.push("sent");
    return [await Promise.all(calls), this.log];
  }

  async notAwaited() {
    const call = this.self.note("inner");
    this.log.push("sent");
    await Promise.resolve();
    this.log.push("microtask");
    await this.ctx.storage.get("x");
    this.log.push("storage");
    await call;
    return this.log;
  }

  async fromSection() {
    let call;
    await this.ctx.blockConcurrencyWhile(async () => {
      call = this.self.note("inner");
      await scheduler.wait(5);
      this.log.push("end of section");
    });
    this.log.push("after section");
    await call;
    return this.log;
  }
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    return Response.json(await env.SUBJECT.getByName(pathname)[pathname.slice(1)]());
  },
};
