import { DurableObject } from "cloudflare:workers";

function facts(error) {
  return { name: error.name, message: error.message, remote: error.remote === true };
}

export class Subject extends DurableObject {
  async callWith(callback, ...values) {
    return callback(...values);
  }

  async callMany(callback, count) {
    const calls = [];
    for (let i = 0; i < count; i++) calls.push(callback(i));
    return Promise.all(calls);
  }

  async nested({ list }) {
    return [await list[0](1), await list[1].deep(2)];
  }

  async counter(start) {
    let value = start;
    return (step) => (value += step);
  }

  async adders() {
    return { one: (x) => x + 1, two: (x) => x + 2 };
  }

  async give(callback) {
    return callback;
  }

  async catches(callback) {
    try {
      await callback();
      return { seen: null };
    } catch (error) {
      return { seen: facts(error), goesOn: true };
    }
  }

  async types(callback) {
    return typeof callback;
  }
}

export default {
  async fetch(request, env) {
    const stub = env.SUBJECT.getByName("foo");
    const out = {};
    const seen = [];
    out.sync = await stub.callWith((x) => x * 2, 21);
    out.async = await stub.callWith(async (x) => (await scheduler.wait(1), x + 1), 1);
    out.several = await stub.callWith((a, b, c) => [a, b, c], 1, "b", [3]);
    out.none = (await stub.callWith(() => {})) ?? null;
    out.object = await stub.callWith((given) => ({ got: given.a }), { a: [1, { b: 2 }] });
    out.many = await stub.callMany((i) => (seen.push(i), i * i), 5);
    out.seen = [...seen];
    out.nested = await stub.nested({ list: [(x) => x + 10, { deep: (x) => x + 20 }] });
    const counter = await stub.counter(10);
    out.counter = [await counter(1), await counter(5), await counter(-3)];
    const other = await stub.counter(0);
    out.own = [await other(1), await counter(0)];
    const { one, two } = await stub.adders();
    out.adders = [await one(1), await two(1)];
    const back = await stub.give((x) => `back ${x}`);
    out.back = await back("x");
    out.toOther = await env.SUBJECT.getByName("bar").callWith(counter, 100);
    out.throwing = await stub.catches(() => { throw new TypeError("from the callback"); });
    out.type = await stub.types(() => {});
    return Response.json(out);
  },
};
