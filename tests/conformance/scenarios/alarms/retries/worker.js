import { DurableObject } from "cloudflare:workers";

const LATER = 4102444800000;
const KINDS = ["thrown", "rejected", "aborted", "section", "bad_commit", "bad_transaction", "background", "sent_away", "deleted_between", "set_between", "kept_between"];

export class Subject extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.sql = ctx.storage.sql;
    this.sql.exec("create table if not exists p(id integer primary key)");
    this.sql.exec("create table if not exists c(p references p(id) deferrable initially deferred)");
    this.sql.exec("create table if not exists log(line)");
  }

  note(line) {
    this.sql.exec("insert into log values(?)", line);
  }

  async start(kind) {
    await this.ctx.storage.put("kind", kind);
    await this.ctx.storage.setAlarm(1);
  }

  async alarm(info) {
    const { storage } = this.ctx;
    const kind = await storage.get("kind");
    const times = (await storage.get("times")) ?? [];
    await storage.put("times", [...times, info.scheduledTime]);
    this.note(`run ${info.retryCount} ${info.isRetry} ${times.length === 0 || times[0] === info.scheduledTime}`);
    await storage.sync();
    if (info.retryCount > 0) return;
    switch (kind) {
      case "thrown": case "deleted_between": case "set_between": case "kept_between":
        this.note("lost? no: an exception undoes nothing");
        throw new Error("own");
      case "rejected":
        await scheduler.wait(2);
        return Promise.reject(new TypeError("own"));
      case "aborted":
        this.note("lost");
        return this.ctx.abort("stopped");
      case "section":
        return this.ctx.blockConcurrencyWhile(async () => {
          throw new Error("own");
        });
      case "bad_commit":
        this.note("lost");
        this.sql.exec("insert into c values(9)");
        return;
      case "bad_transaction":
        return storage.transaction(async () => this.sql.exec("insert into c values(9)"));
      case "background":
        return this.ctx.waitUntil(Promise.reject(new Error("in the background")));
      case "sent_away":
        setTimeout(() => {
          throw new Error("in a timer");
        }, 0);
    }
  }

  async between(kind) {
    const { storage } = this.ctx;
    const alarm = await storage.getAlarm();
    this.note(`between ${alarm === null ? "none" : alarm < LATER ? "past" : "later"}`);
    if (kind === "deleted_between") await storage.deleteAlarm();
    if (kind === "set_between") await storage.setAlarm(LATER);
  }

  async report() {
    const alarm = await this.ctx.storage.getAlarm();
    return {
      log: this.sql.exec("select line from log").toArray().map((row) => row.line),
      left: alarm === null ? null : alarm < LATER ? "past" : "later",
    };
  }
}

export default {
  async fetch(request, env) {
    const object = (kind) => env.SUBJECT.getByName(kind);
    await Promise.all(KINDS.map((kind) => object(kind).start(kind)));
    await scheduler.wait(300);
    await Promise.all(KINDS.filter((kind) => kind.endsWith("between")).map((kind) => object(kind).between(kind)));
    await scheduler.wait(2700);
    const reports = await Promise.all(KINDS.map((kind) => object(kind).report()));
    return Response.json(Object.fromEntries(KINDS.map((kind, i) => [kind, reports[i]])));
  },
};
