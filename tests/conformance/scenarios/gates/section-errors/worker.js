import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  memory = 0;

  async remember() {
    this.memory += 1;
    return this.memory;
  }

  async caught() {
    try {
      await this.ctx.blockConcurrencyWhile(async () => {
        throw new TypeError("inside");
      });
    } catch {
      return "caught outside";
    }
  }

  async caught_inside() {
    return this.ctx.blockConcurrencyWhile(async () => {
      try {
        throw new TypeError("inside");
      } catch (error) {
        return "caught inside";
      }
    });
  }

  async nest(depth) {
    const enter = async (left) => {
      if (left === 0) return "bottom";
      try {
        return await this.ctx.blockConcurrencyWhile(() => enter(left - 1));
      } catch (error) {
        return `${error.name}: ${error.message}`;
      }
    };
    return enter(depth);
  }

  async no_function() {
    return this.ctx.blockConcurrencyWhile(5);
  }
}

async function outcome(promise) {
  try {
    return await promise;
  } catch (error) {
    return { name: error.name, message: error.message, reset: error.durableObjectReset === true };
  }
}

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const method = pathname.slice(1);
    const name = request.url;
    const stub = env.SUBJECT.getByName(name);
    await stub.remember();
    const argument = searchParams.get("depth");
    const call = argument ? stub[method](Number(argument)) : stub[method]();
    const sibling = outcome(stub.remember());
    return Response.json({
      result: await outcome(call),
      sibling: await sibling,
      after: await env.SUBJECT.getByName(name).remember(),
    });
  },
};
