import { DurableObject } from "cloudflare:workers";

export class Other extends DurableObject {
  log = [];

  async note(label) {
    this.log.push(label);
  }

  async report() {
    return this.log;
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

  tell(label) {
    return this.env.OTHER.getByName("x").note(label);
  }

  async timers() {
    setTimeout(() => this.tell("timer"), 10);
    setInterval(() => this.tell("interval"), 10);
    this.ctx.waitUntil(scheduler.wait(10).then(() => this.tell("waitUntil")));
    return "started";
  }

  async slow() {
    await scheduler.wait(15);
    await this.tell("slow call");
    return "not reached";
  }

  async in_section() {
    return this.ctx.blockConcurrencyWhile(async () => {
      await scheduler.wait(2);
      this.bad();
      await scheduler.wait(10);
      await this.tell("end of the section");
    });
  }

  async fetch() {
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    writer.write(new TextEncoder().encode("a"));
    this.streaming = writer;
    return new Response(readable);
  }

  async memory() {
    this.count = (this.count ?? 0) + 1;
    return this.count;
  }
}

async function outcome(promise) {
  try {
    return await promise;
  } catch (error) {
    return { failed: error.message.slice(0, 30), reset: error.durableObjectReset ?? false };
  }
}

export default {
  async fetch(request, env) {
    const stub = env.SUBJECT.getByName("x");
    const early = env.SUBJECT.getByName("x");
    const out = { memory: [await stub.memory(), await early.memory()], started: await stub.timers() };
    const response = await stub.fetch("http://x/");
    const reader = response.body.getReader();
    out.chunk = new TextDecoder().decode((await reader.read()).value);
    const calls = [stub.slow(), early.slow(), stub.in_section(), stub.memory(), early.memory()];
    out.calls = await Promise.all(calls.map(outcome));
    out.body = await outcome(reader.read().then(({ done }) => done));
    out.sameStub = [await outcome(stub.memory()), await outcome(stub.fetch("http://x/"))];
    out.otherStub = await outcome(early.memory());
    out.fresh = [await env.SUBJECT.getByName("x").memory(), await env.SUBJECT.getByName("x").memory()];
    await scheduler.wait(30);
    out.told = await env.OTHER.getByName("x").report();
    out.still = await outcome(stub.memory());
    return Response.json(out);
  },
};
