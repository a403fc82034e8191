import { DurableObject } from "cloudflare:workers";

const LATER = 4102444800000;

const times = () => ({
  zero: 0,
  negative: -1,
  half: 0.5,
  fraction: LATER + 0.75,
  past: 1.5,
  nan: NaN,
  infinite: Infinity,
  ancient: -1e18,
  distant: 1e16,
  last: 9223372036854,
  afterLast: 9223372036855,
  epoch: new Date(0),
  date: new Date(LATER),
  lastDate: new Date(8.64e15),
  invalidDate: new Date(NaN),
  nothing: null,
  text: "12",
  boolean: true,
  array: [5],
});

async function outcome(promise) {
  try {
    return (await promise) ?? null;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export class Subject extends DurableObject {
  async times() {
    const { storage } = this.ctx;
    const out = {};
    for (const [name, time] of Object.entries(times())) {
      await storage.deleteAlarm();
      const before = Date.now();
      const set = await outcome(storage.setAlarm(time));
      const found = await storage.getAlarm();
      const isNow = found >= before && found - before < 5000;
      out[name] = [set, isNow ? "now" : found];
    }
    out.missing = await outcome(storage.setAlarm());
    await storage.deleteAlarm();
    return out;
  }

  async options() {
    const { storage } = this.ctx;
    const out = [];
    for (const options of [null, 5, "x", {}, { allowConcurrency: true, allowUnconfirmed: 1 }]) {
      out.push(await outcome(storage.setAlarm(LATER, options)));
      out.push(await outcome(storage.getAlarm(options)));
      out.push(await outcome(storage.deleteAlarm(options)));
    }
    await storage.transaction(async (txn) => out.push(await outcome(txn.setAlarm("x"))));
    return out;
  }

  async alarm() {}
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    return Response.json(await env.SUBJECT.getByName("foo")[method]());
  },
};
