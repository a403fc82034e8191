import { DurableObject } from "cloudflare:workers";

class CustomError extends Error {
  name = "CustomError";
}

export class Subject extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    if (ctx.id.name === "section") {
      ctx.blockConcurrencyWhile(async () => {
        throw new TypeError("no start");
      });
    }
  }

  async raising() {
    throw new TypeError("boom");
  }

  async custom() {
    throw new CustomError("boom");
  }

  async section() {}

  async blocking() {
    await this.ctx.blockConcurrencyWhile(async () => {
      throw new TypeError("inside");
    });
  }

  async aborting() {
    this.ctx.abort("stop it");
  }

  async silent() {
    this.ctx.abort();
  }

  async fetch(request) {
    if (new URL(request.url).pathname === "/abort") this.ctx.abort("stop it");
    throw new RangeError("in fetch");
  }
}

function describe(error) {
  return {
    name: error.name,
    message: error.message,
    remote: error.remote === true,
    retryable: error.retryable === true,
    overloaded: error.overloaded === true,
    durableObjectReset: error.durableObjectReset === true,
  };
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    const stub = env.SUBJECT.getByName(method);
    try {
      if (method === "fetching") await stub.fetch("http://object/throw");
      else if (method === "fetchabort") await stub.fetch("http://object/abort");
      else await stub[method]();
      return Response.json(null);
    } catch (error) {
      return Response.json(describe(error));
    }
  },
};
