import { DurableObject } from "cloudflare:workers";

class Custom extends RangeError {
  constructor(message, options) {
    super(message, options);
    this.name = "Custom";
  }
}

const THROWN = {
  Error: () => new Error("m"), TypeError: () => new TypeError("m"),
  RangeError: () => new RangeError("m"), SyntaxError: () => new SyntaxError("m"),
  ReferenceError: () => new ReferenceError("m"), empty: () => new Error(),
  emptyType: () => new TypeError(""), lines: () => new Error("a\nb"),
  typeWithLines: () => new TypeError("a\n\nb"), unicode: () => new Error("hé😀"),
  long: () => new Error("x".repeat(5000)), colon: () => new Error("TypeError: inner"),
  prefix: () => new Error("jsg.TypeError: inner"),
  remotePrefix: () => new Error("remote.jsg.Error: inner"),
  brokenPrefix: () => new Error("broken.exceededMemory; jsg.Error: inner"),
  custom: () => new Custom("m"), caused: () => new Custom("m", { cause: new TypeError("why") }),
};

export class Subject extends DurableObject {
  async fail(key) {
    throw THROWN[key]();
  }
}

export default {
  async fetch(request, env) {
    const stub = env.SUBJECT.getByName("foo");
    const out = {};
    for (const key of Object.keys(THROWN)) {
      try {
        await stub.fail(key);
      } catch (error) {
        out[key] = {
          name: error.name, message: error.message, remote: error.remote ?? null,
          reset: error.durableObjectReset ?? null, retryable: error.retryable ?? null,
          byObject: error.durableObjectId === stub.id.toString(),
        };
      }
    }
    return Response.json(out);
  },
};
