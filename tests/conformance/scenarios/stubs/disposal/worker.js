import { DurableObject, RpcStub } from "cloudflare:workers";

export class Subject extends DurableObject {
  async adder(by) {
    return (value) => value + by;
  }

  async object() {
    return { plain: 1, double: (value) => value * 2 };
  }

  async use(callback) {
    return await callback(1);
  }

  async keep(callback) {
    this.kept = callback;
  }

  async keepDuplicate(callback) {
    this.kept = callback.dup();
  }

  async useKept() {
    return await this.kept(1);
  }

  async echo(callback) {
    return callback;
  }
}

async function outcome(call) {
  try {
    return await call();
  } catch (error) {
    return `${error.name}: ${error.message}${error.remote ? " [remote]" : ""}`;
  }
}

export default {
  async fetch(request, env) {
    const stub = env.SUBJECT.getByName("foo");
    const results = {};

    const add = await stub.adder(5);
    const duplicate = add.dup();
    results.used = [await add(1), await duplicate(2), add.constructor.name];
    add[Symbol.dispose]();
    add[Symbol.dispose]();
    results.disposed = [
      await outcome(() => add(1)),
      await outcome(() => add.member),
      await outcome(() => add.member()),
      await outcome(() => stub.use(add)),
      await duplicate(3),
    ];

    const object = await stub.object();
    const double = object.double;
    results.object = [Object.keys(object), await double(4)];
    object[Symbol.dispose]();
    results.objectDisposed = await outcome(() => double(4));

    const promise = Array.from([7], (by) => stub.adder(by))[0];
    const result = await promise;
    promise[Symbol.dispose]();
    results.promiseDisposed = [
      await outcome(() => promise(1)),
      await outcome(() => promise.member),
      await outcome(() => result(1)),
    ];

    const callback = (value) => value + 10;
    results.parameter = await stub.use(callback);
    await stub.keep(callback);
    results.kept = await outcome(() => stub.useKept());
    await stub.keepDuplicate(callback);
    results.duplicated = await outcome(() => stub.useKept());
    results.echoed = await (await stub.echo(callback))(5);
    results.sentTwice = [await stub.use(duplicate), await stub.use(duplicate), await duplicate(1)];

    const made = new RpcStub((value) => value * 3);
    results.made = [await made(2), await stub.use(made), made.constructor.name];
    const members = new RpcStub({ number: 4, more: (value) => value + 1 });
    results.members = [
      await members.number,
      await members.more(1),
      await outcome(() => members.nope()),
      await outcome(() => members.number()),
    ];
    results.refused = [await outcome(() => new RpcStub(5)), await outcome(() => new RpcStub())];
    return Response.json(results);
  },
};
