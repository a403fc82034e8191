import { DurableObject } from "cloudflare:workers";

let instances = 0;

export class Child extends DurableObject {
  number = ++instances;

  async who() {
    return [this.number, String(this.ctx.id), this.ctx.id.name ?? null, this.ctx.props];
  }

  async textId() {
    return [typeof this.ctx.id, this.ctx.id];
  }

  async slow() {
    await scheduler.wait(30);
    return "slow";
  }

  async stop() {
    this.ctx.abort("stopped itself");
  }

  async fail() {
    throw new TypeError("failed");
  }

  async setAlarm() {
    await this.ctx.storage.setAlarm(Date.now() + 1000);
  }

  async alarms() {
    const before = await this.ctx.storage.getAlarm();
    await this.ctx.storage.deleteAlarm();
    return before;
  }

  async alarm() {}

  async callBack(callback) {
    return await callback(4);
  }

  async depth(name) {
    let facet;
    try {
      facet = this.ctx.facets.get(name, () => ({ class: this.ctx.exports.Child }));
    } catch (error) {
      return [`${error.name}: ${error.message}`];
    }
    return [(await this.who())[0] > 0, ...(await facet.depth(name))];
  }

  async fetch(request) {
    return new Response(new URL(request.url).pathname);
  }
}

async function outcome(call) {
  try {
    const value = await call();
    return value === undefined ? "undefined" : value;
  } catch (error) {
    const flags = ["remote", "durableObjectReset"].filter((flag) => error[flag]);
    return [`${error.name}: ${error.message}`, ...flags].join(" ");
  }
}

export class Subject extends DurableObject {
  facet(name, options = {}) {
    return this.ctx.facets.get(name, () => ({ class: this.ctx.exports.Child, ...options }));
  }

  async ids() {
    const own = String(this.ctx.id);
    const other = this.env.SUBJECT.idFromName("other");
    const [, id, name, props] = await this.facet("a").who();
    return {
      same: [id === own, name, props],
      other: (await this.facet("other", { id: other }).who()).slice(1),
      unique: (await this.facet("unique", { id: this.env.SUBJECT.newUniqueId() }).who())[2],
      text: await this.facet("text", { id: "some text" }).textId(),
      number: await this.facet("number", { id: 5 }).textId(),
      empty: await this.facet("empty", { id: "" }).textId(),
      props: (await this.facet("props", { class: this.ctx.exports.Child({ props: { a: 1 } }) }).who())[3],
      fetched: await (await this.facet("a").fetch("http://facet/path")).text(),
      depth: await this.facet("a").depth("deeper"),
      callback: await this.facet("a").callBack((value) => value + 1),
    };
  }

  async starting() {
    let calls = 0;
    const start = async () => {
      calls++;
      await scheduler.wait(1);
      return { class: this.ctx.exports.Child };
    };
    const stub = this.ctx.facets.get("start", start);
    const before = calls;
    const numbers = await Promise.all([stub.who(), this.ctx.facets.get("start", start).who()]);
    const failing = () => {
      throw new TypeError("in the callback");
    };
    const section = () => this.facet("section").callBack((value) => value * 2);
    return {
      calls: [before, calls],
      one: numbers[0][0] === numbers[1][0],
      failing: await outcome(() => this.ctx.facets.get("failing", failing).who()),
      failed: await outcome(() => this.facet("failing").who()),
      aborted: (this.ctx.facets.abort("failing", "again"), (await this.facet("failing").who())[0] > 0),
      section: await this.ctx.blockConcurrencyWhile(section),
    };
  }

  async ending() {
    const stub = this.facet("end");
    const [first] = await stub.who();
    const waiting = outcome(() => stub.slow());
    await scheduler.wait(5);
    const results = { abort: String(this.ctx.facets.abort("end", new RangeError("enough"))) };
    results.inFlight = await waiting;
    results.bound = await outcome(() => stub.who());
    results.fresh = (await this.facet("end").who())[0] > first;
    const itself = this.facet("itself");
    results.itself = [
      await outcome(() => itself.stop()),
      await outcome(() => itself.who()),
      typeof (await this.facet("itself").who())[0],
    ];
    const late = this.ctx.facets.get("late", () => scheduler.wait(20));
    const pending = outcome(() => late.who());
    await scheduler.wait(5);
    this.ctx.facets.abort("late", new Error("too late"));
    results.late = [await pending, await outcome(() => late.who())];
    const unused = this.facet("unused");
    this.ctx.facets.delete("unused");
    results.unused = typeof (await unused.who())[0];
    results.failed = await outcome(() => this.facet("a").fail());
    results.setAlarm = await outcome(() => this.facet("a").setAlarm());
    results.alarms = await this.facet("a").alarms();
    results.sent = await outcome(() => this.facet("a").callBack(this.facet("b")));
    return results;
  }

  async parentStops() {
    this.ctx.waitUntil(scheduler.wait(5).then(() => this.ctx.abort("the parent stopped")));
    return await this.facet("a").slow();
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    return Response.json(await outcome(() => env.SUBJECT.getByName("foo")[method]()));
  },
};
