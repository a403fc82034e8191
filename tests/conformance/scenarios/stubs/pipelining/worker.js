import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  log = [];

  async make(start) {
    this.log.push("make");
    await scheduler.wait(2);
    let count = start;
    return {
      start,
      increment: (by) => {
        this.log.push(`increment ${by}`);
        count += by;
        return count;
      },
      deep: { list: [1, 2], nothing: null, value: async () => count },
    };
  }

  async number() {
    this.log.push("number");
    return 5;
  }

  async hello() {
    return "hello";
  }

  async fail() {
    throw new TypeError("failed");
  }

  async adder(by) {
    return (value) => value + by;
  }

  async taken() {
    return this.log.splice(0);
  }
}

async function outcome(call) {
  try {
    const value = await call();
    return typeof value === "function" ? "function" : value;
  } catch (error) {
    return `${error.name}: ${error.message}${error.remote ? " [remote]" : ""}`;
  }
}

function pathOf(start, length) {
  let property = start;
  for (let i = 0; i < length; i++) property = property.x;
  return property;
}

export default {
  async fetch(request, env) {
    const stub = env.SUBJECT.getByName("foo");
    // Through an array, so that the promise itself can be had in Python too.
    const made = (start = 3) => Array.from([start], (value) => stub.make(value))[0];
    const results = {
      property: await outcome(() => made().start),
      deepProperty: await outcome(() => made().deep.list),
      call: await outcome(() => made().increment(4)),
      deepCall: await outcome(() => made().deep.value()),
      null: await outcome(() => made().deep.nothing),
      missing: await outcome(() => made().nope),
      missingCall: await outcome(() => made().nope()),
      missingDeep: await outcome(() => made().nope.deeper()),
      notFunction: await outcome(() => made().start()),
      notFunctionDeep: await outcome(() => made().deep.list()),
      resultNotFunction: await outcome(() => made()()),
      arrayMember: await outcome(() => made().deep.list.length),
      nullMember: await outcome(() => made().deep.nothing.x),
      functionMember: await outcome(() => made().increment.x),
      method: await outcome(() => stub.number),
      methodMember: await outcome(() => stub.number.x),
      methodMemberCall: await outcome(() => stub.number.x.y(1)),
      reserved: await outcome(() => stub.alarm),
      dup: await outcome(() => stub.dup),
      callRead: await outcome(async () => (await stub.hello)()),
      then: await outcome(() => stub.hello.then((read) => read())),
      tooDeep: await outcome(() => pathOf(stub, 66)),
      deepest: await outcome(() => pathOf(stub, 65)),
      failed: await outcome(() => Array.from([1], () => stub.fail())[0].x.y()),
      returnedFunction: await outcome(() => Array.from([5], (by) => stub.adder(by))[0](1)),
      index: typeof stub[1],
    };
    await stub.taken();
    const promise = made(0);
    const calls = [promise.increment(1), promise.increment(2), stub.number(), promise.increment(3)];
    results.order = [await Promise.all(calls), await stub.taken()];
    results.asArgument = await outcome(() => stub.adder(stub.number));
    results.promiseAsArgument = await outcome(() => stub.adder(made()));
    return Response.json(results);
  },
};
