import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  calls = 0;

  async ping() {
    this.calls += 1;
    return this.calls;
  }

  async slow() {
    await scheduler.wait(20_000);
    return "never";
  }

  async stop() {
    this.ctx.abort("stopped");
  }
}

async function outcome(promise) {
  try {
    return await promise;
  } catch (error) {
    return `${error.message} reset=${error.durableObjectReset === true}`;
  }
}

export default {
  async fetch(request, env) {
    const stub = env.SUBJECT.getByName("foo");
    const other = env.SUBJECT.getByName("foo");
    const before = [await stub.ping(), await other.ping()];
    const inFlight = outcome(other.slow());
    const stop = await outcome(stub.stop());
    const same = [await outcome(stub.ping()), await outcome(stub.ping())];
    const sibling = await outcome(other.ping());
    const fresh = env.SUBJECT.get(stub.id);
    return Response.json({
      before,
      stop,
      inFlight: await inFlight,
      same,
      sibling,
      fresh: [await outcome(fresh.ping()), await outcome(fresh.ping())],
      stillBroken: await outcome(stub.ping()),
    });
  },
};
