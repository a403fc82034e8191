import { DurableObject } from "cloudflare:workers";

export class Other extends DurableObject {
  async slow() {
    await scheduler.wait(10);
    return "answer";
  }
}

export class Subject extends DurableObject {
  log = [];

  async note(label) {
    this.log.push(label);
    return this.log;
  }

  async section(start) {
    await this.ctx.blockConcurrencyWhile(async () => {
      start();
      await scheduler.wait(2);
      this.log.push("section ends");
    });
    this.log.push("caller goes on");
    await scheduler.wait(40);
    return this.log;
  }

  async timer() {
    return this.section(() => {
      setTimeout(() => this.log.push("timer"), 15);
      scheduler.wait(20).then(() => this.log.push("wait"));
    });
  }

  async call() {
    return this.section(() => {
      this.env.OTHER.getByName("x").slow().then((answer) => this.log.push(answer));
    });
  }

  async storage() {
    return this.section(async () => {
      await scheduler.wait(15);
      await this.ctx.storage.put("late", 1);
      await this.ctx.storage.sync();
      this.log.push(`stored ${await this.ctx.storage.get("late")}`);
    });
  }

  async interval() {
    return this.section(() => {
      let count = 0;
      const id = setInterval(() => {
        count += 1;
        this.log.push(`tick ${count}`);
        if (count === 3) clearInterval(id);
      }, 5);
    });
  }

  async later_section() {
    return this.section(async () => {
      await scheduler.wait(15);
      await this.ctx.blockConcurrencyWhile(async () => {
        this.log.push("second section");
        await scheduler.wait(2);
        this.log.push("second section ends");
      });
      this.log.push("its caller goes on");
    });
  }

  async awaited_outside() {
    let adopted;
    await this.section(() => {
      adopted = scheduler.wait(10).then(() => "adopted");
    });
    this.log.push(await adopted);
    return this.log;
  }

  async transaction() {
    let task;
    await this.ctx.storage.transaction(async (txn) => {
      await txn.put("a", 1);
      task = (async () => {
        await scheduler.wait(10);
        this.log.push(`reads ${await this.ctx.storage.get("a")}`);
        try {
          await txn.put("b", 2);
        } catch (error) {
          this.log.push(error.message);
        }
      })();
      this.log.push("transaction ends");
    });
    this.log.push("caller goes on");
    await task;
    return this.log;
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    const stub = env.SUBJECT.getByName(method);
    const log = await Promise.all([stub[method](), stub.note("from outside")]);
    return Response.json(log[0]);
  },
};
