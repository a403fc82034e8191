import { DurableObject } from "cloudflare:workers";

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

  async before() {
    this.memory = "kept";
    await this.ctx.storage.put("before", 1);
  }

  async value() {
    this.bad();
    return "value";
  }

  async exception() {
    await this.ctx.storage.put("lost", 1);
    this.bad();
    throw new TypeError("own");
  }

  async caught() {
    try {
      this.bad();
      await scheduler.wait(5);
      return "not reached";
    } catch {
      return "caught";
    } finally {
      await this.ctx.storage.put("finally", 1);
    }
  }

  async synced() {
    this.bad();
    try {
      await this.ctx.storage.sync();
    } catch {
      return "caught";
    }
    return "synced";
  }

  async section() {
    return this.ctx.blockConcurrencyWhile(async () => {
      this.bad();
      return "out of the section";
    });
  }

  async fetch() {
    this.bad();
    return new Response("answer");
  }

  get getter() {
    this.bad();
    return "property";
  }

  async repaired() {
    this.bad();
    await this.ctx.storage.get("x");
    this.sql.exec("insert into p values(9)");
    return "repaired";
  }

  async repaired_too_late() {
    this.bad();
    await scheduler.wait(1);
    this.sql.exec("insert into p values(9)");
    return "repaired";
  }

  async sibling() {
    await scheduler.wait(30);
    return "not reached";
  }

  async later() {
    setTimeout(() => this.bad(), 10);
    return "answered before";
  }

  async after() {
    return {
      memory: this.memory ?? "lost",
      rows: this.sql.exec("select * from c").toArray().length,
      keys: [...(await this.ctx.storage.list()).keys()],
    };
  }
}

async function outcome(promise) {
  try {
    return await promise;
  } catch (error) {
    return {
      failed: `${error.name}: ${error.message}`,
      reset: error.durableObjectReset ?? false,
      remote: error.remote ?? false,
      retryable: error.retryable ?? false,
    };
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    const stub = env.SUBJECT.getByName(method);
    const out = {};
    await stub.before();
    if (method === "fetch") {
      out.first = await outcome(stub.fetch("http://x/").then((response) => response.text()));
    } else if (method === "getter") {
      out.first = await outcome(stub.getter);
    } else {
      const calls = [outcome(stub[method]())];
      if (method === "sibling") calls.push(outcome(stub.value()));
      [out.first, out.second] = await Promise.all(calls);
    }
    if (method === "later") await scheduler.wait(30);
    out.sameStub = await outcome(stub.after());
    out.freshStub = await outcome(env.SUBJECT.getByName(method).after());
    return Response.json(out);
  },
};
