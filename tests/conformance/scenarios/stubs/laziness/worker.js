import { DurableObject } from "cloudflare:workers";

let constructed = 0;

export class Subject extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    constructed += 1;
  }

  async ping() {
    return "pong";
  }
}

export default {
  async fetch(request, env) {
    const ns = env.SUBJECT;
    const out = {};
    const before = constructed;
    const stub = ns.getByName("foo");
    const made = () => constructed - before;
    for (let i = 0; i < 10; i++) ns.get(ns.newUniqueId());
    out.types = {
      anything: typeof stub.anything, ping: typeof stub.ping, fetch: typeof stub.fetch,
      connect: typeof stub.connect, dup: typeof stub.dup, alarm: typeof stub.alarm,
      then: typeof stub.then, constructor: typeof stub.constructor, length: typeof stub.length,
      id: typeof stub.id, name: typeof stub.name, private: typeof stub._private,
      toString: typeof stub.toString, empty: typeof stub[""], symbol: typeof stub[Symbol.iterator],
    };
    out.keys = Object.keys(stub).sort();
    out.tag = Object.prototype.toString.call(stub);
    out.class = stub.constructor.name;
    out.callable = typeof stub === "function";
    out.sameIdObject = stub.id === stub.id;
    out.unnamed = ns.get(ns.idFromString(stub.id.toString())).name ?? null;
    stub.note = "mine";
    stub.ping2 = 5;
    out.assigned = [stub.note, stub.ping2, Object.keys(stub).sort()];
    out.other = typeof ns.getByName("foo").note;
    out.awaited = (await stub) === stub;
    out.madeBefore = made();
    out.ping = await stub.ping();
    out.madeAfter = made();
    await ns.getByName("foo").ping();
    out.madeBySecondStub = made();
    return Response.json(out);
  },
};
