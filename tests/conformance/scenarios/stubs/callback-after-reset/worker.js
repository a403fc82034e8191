import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  async counter() {
    let value = 0;
    return () => (value += 1);
  }

  async slow() {
    return () => scheduler.wait(10_000);
  }

  async stop() {
    this.ctx.abort("stopped");
  }

  async ping() {
    return "pong";
  }
}

async function outcome(promise) {
  try {
    return await promise;
  } catch (error) {
    const flags = ["remote", "retryable", "overloaded", "durableObjectReset"];
    return [error.name, error.message, ...flags.filter((flag) => error[flag] === true)];
  }
}

export default {
  async fetch(request, env) {
    const stub = env.SUBJECT.getByName("foo");
    const counter = await stub.counter();
    const slow = await stub.slow();
    const before = [await counter(), await counter()];
    const inFlight = outcome(slow());
    await outcome(stub.ping());
    const stop = await outcome(stub.stop());
    const fresh = env.SUBJECT.getByName("foo");
    return Response.json({
      before, stop, inFlight: await inFlight,
      after: [await outcome(counter()), await outcome(counter())],
      stub: await outcome(stub.ping()), fresh: await outcome(fresh.ping()),
      sent: await outcome(fresh.counter().then((other) => other())),
      stillGone: await outcome(counter()),
    });
  },
};
