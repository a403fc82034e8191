import { DurableObject } from "cloudflare:workers";

export class Other extends DurableObject {
  async slow() {
    await scheduler.wait(15);
    return "answer";
  }

  async fetch() {
    await scheduler.wait(15);
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    const encoder = new TextEncoder();
    (async () => {
      for (const part of ["a", "b", "c"]) {
        await writer.write(encoder.encode(part));
        await scheduler.wait(2);
      }
      await writer.close();
    })();
    return new Response(readable);
  }
}

export class Subject extends DurableObject {
  log = [];

  async note(label) {
    this.log.push(label);
  }

  async kept() {
    await this.ctx.storage.put("kept", 1);
    this.log.push(`put ${await this.ctx.storage.get("kept")}`);
  }

  inside = {
    timer: () => scheduler.wait(15),
    storage: () => this.kept(),
    sync: async () => {
      await this.kept();
      await this.ctx.storage.sync();
      this.log.push("synced");
    },
    call: async () => this.log.push(await this.env.OTHER.getByName("x").slow()),
    fetch: async () => this.log.push((await this.env.OTHER.getByName("x").fetch("http://x/")).status),
    body: async () => {
      const response = await this.env.OTHER.getByName("x").fetch("http://x/");
      this.log.push(await response.text());
    },
    section: async () => {
      await this.ctx.blockConcurrencyWhile(async () => {
        this.log.push("nested");
        await scheduler.wait(5);
      });
      this.log.push("after nested");
    },
    transaction: async () => {
      await this.ctx.storage.transaction(async (txn) => {
        this.log.push("txn");
        await txn.put("t", 1);
        await scheduler.wait(5);
      });
      this.log.push("after txn");
    },
    caught: async () => {
      try {
        await this.env.OTHER.getByName("x").missing();
      } catch (error) {
        this.log.push("caught");
      }
    },
  };

  async hold(kind) {
    setTimeout(() => this.log.push("timer from before"), 5);
    this.log.push("call");
    await this.ctx.blockConcurrencyWhile(async () => {
      this.log.push("in");
      await this.inside[kind]();
      await scheduler.wait(15);
      this.log.push("out");
    });
    this.log.push("after");
    await scheduler.wait(10);
    return this.log;
  }
}

export default {
  async fetch(request, env) {
    const kind = new URL(request.url).pathname.slice(1);
    const stub = env.SUBJECT.getByName(kind);
    const held = stub.hold(kind);
    await Promise.all([stub.note("x"), stub.note("y")]);
    return Response.json(await held);
  },
};
