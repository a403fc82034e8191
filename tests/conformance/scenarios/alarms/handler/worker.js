import { DurableObject } from "cloudflare:workers";

const LATER = 4102444800000;

export class Subject extends DurableObject {
  log = [];

  // Runs the alarm in a mode; what it noted, and the alarm that is left.
  async run(mode, count, meanwhile) {
    this.mode = mode;
    await this.ctx.storage.put("mode", mode);
    await this.ctx.storage.setAlarm(1);
    for (let i = 0; this.log.length < count && i < 300; i++) await scheduler.wait(10);
    if (meanwhile) await meanwhile();
    await scheduler.wait(60);
    return this.log;
  }

  async stored() {
    const time = await this.ctx.storage.getAlarm();
    return time === null ? null : time === LATER ? "later" : "past";
  }

  async finish() {
    const stored = await this.stored();
    await this.ctx.storage.deleteAlarm();
    return stored;
  }

  async meanwhile() {
    return this.run("slow", 1, async () => {
      this.log.push(["outside", await this.stored()]);
      this.mode = "plain";
      await this.ctx.storage.setAlarm(1);
      this.log.push(["outside", await this.stored()]);
      await scheduler.wait(150);
    });
  }

  async alarm(info) {
    const { storage } = this.ctx;
    const before = this.log.length;
    this.log.push([this.mode, info.retryCount, info.isRetry, await this.stored(), this.ctx.id.name]);
    switch (this.mode) {
      case "info":
        this.log.push([Object.keys(info), info.constructor.name, typeof info.scheduledTime]);
        this.log.push([Math.abs(Date.now() - info.scheduledTime) < 5000, arguments.length]);
        try {
          info.retryCount = 7;
        } catch (error) {
          this.log.push(error.message);
        }
        break;
      case "again":
        this.mode = "plain";
        await storage.setAlarm(2);
        await scheduler.wait(30);
        this.log.push("end of the first");
        break;
      case "sameTime":
        this.mode = "plain";
        await storage.setAlarm(info.scheduledTime);
        break;
      case "slow":
        await scheduler.wait(100);
        this.log.push("end of the slow one");
        break;
      case "rolledBack":
        await storage.transaction(async (txn) => {
          await txn.setAlarm(LATER);
          this.log.push(await this.stored());
          txn.rollback();
        });
        await storage.transaction(async (txn) => {
          await txn.deleteAlarm();
          txn.rollback();
        });
        this.log.push(await this.stored());
        break;
      case "deletedAndThrown":
        await storage.deleteAlarm();
        throw new Error("after deleting");
      case "setAndThrown":
        await storage.setAlarm(LATER);
        throw new Error("after setting");
      case "thrown":
        throw new Error("in the alarm");
      case "givenUp":
        await storage.put("noted", this.log.length - before);
        await scheduler.wait(30);
        this.ctx.abort("given up", { retryAlarm: false });
    }
  }
}

export default {
  async fetch(request, env) {
    const mode = new URL(request.url).pathname.slice(1);
    const stub = env.SUBJECT.getByName(mode);
    const counts = { again: 3, sameTime: 2 };
    let log;
    try {
      log = await (mode === "meanwhile" ? stub.meanwhile() : stub.run(mode, counts[mode] ?? 1));
    } catch (error) {
      log = error.message;
      await scheduler.wait(30);
    }
    return Response.json({ log, left: await env.SUBJECT.getByName(mode).finish() });
  },
};
