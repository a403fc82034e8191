import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  calls = 0;

  async relay(path, method) {
    this.calls += 1;
    if (!path.length) return this[method]();
    return this.env.SUBJECT.getByName(path[0]).relay(path.slice(1), method);
  }

  async relayCaught(name, method) {
    try {
      return await this.env.SUBJECT.getByName(name).relay([], method);
    } catch (error) {
      return facts(error, this.env);
    }
  }

  async relayWrapped(name, method) {
    try {
      return await this.env.SUBJECT.getByName(name).relay([], method);
    } catch (error) {
      throw new RangeError(`wrapped ${error.message}`);
    }
  }

  async fails() {
    throw new TypeError("boom");
  }

  async stop() {
    this.ctx.abort("stopped");
  }

  async count() {
    return this.calls;
  }
}

function facts(error, env) {
  const names = ["a", "b", "c"];
  const of = names.find((name) => env.SUBJECT.idFromName(name).toString() === error.durableObjectId);
  const flags = ["remote", "retryable", "overloaded", "durableObjectReset"];
  return {
    name: error.name, message: error.message, of: of ?? "none",
    flags: flags.filter((flag) => error[flag] === true),
  };
}

export default {
  async fetch(request, env) {
    const stub = env.SUBJECT.getByName("a");
    const outcome = async (promise) => {
      try {
        return await promise;
      } catch (error) {
        return facts(error, env);
      }
    };
    const out = {};
    for (const method of ["fails", "stop"]) {
      out[method] = {
        direct: await outcome(env.SUBJECT.getByName("c").relay([], method)),
        oneHop: await outcome(stub.relay(["b"], method)),
        twoHops: await outcome(stub.relay(["b", "c"], method)),
        caught: await outcome(stub.relayCaught("b", method)),
        wrapped: await outcome(stub.relayWrapped("b", method)),
      };
    }
    out.calls = {
      a: await stub.count(), b: await env.SUBJECT.getByName("b").count(),
      c: await env.SUBJECT.getByName("c").count(),
    };
    return Response.json(out);
  },
};
