import { DurableObject } from "cloudflare:workers";

const KINDS = ["Error", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError"];

function describe(value) {
  if (!(value instanceof Error)) return value === undefined ? "undefined" : value;
  return {
    name: value.name,
    message: value.message,
    text: String(value),
    constructor: value.constructor.name,
    own: Object.getOwnPropertyNames(value).sort(),
    // Copies also list stack and cause here, which nothing relies on.
    keys: Object.keys(value).filter((key) => key !== "stack" && key !== "cause"),
    stack: typeof value.stack,
    cause: describe(value.cause),
  };
}

export class Subject extends DurableObject {
  async back(value) {
    await this.ctx.storage.put("value", value);
    return this.ctx.storage.get("value");
  }

  async kinds() {
    const out = [];
    for (const name of KINDS) out.push(describe(await this.back(new globalThis[name]("text"))));
    out.push(describe(await this.back(new Error())));
    return out;
  }

  async causes() {
    return [
      describe(await this.back(new Error("outer", { cause: new TypeError("inner") }))),
      describe(await this.back(new Error("outer", { cause: "text" }))),
      describe(await this.back(new Error("outer", { cause: { a: 1 } }))),
    ];
  }

  async properties() {
    const error = new RangeError("text");
    error.code = 7;
    error.details = { a: 1 };
    const back = await this.back(error);
    return [describe(back), back.code ?? "lost", back.details ?? "lost"];
  }

  async renamed() {
    const out = [];
    for (const name of ["MyError", "TypeError", "AggregateError", "", "constructor"]) {
      const error = new Error("text");
      error.name = name;
      const back = await this.back(error);
      out.push([back.name, back.constructor.name, String(back)]);
    }
    return out;
  }

  async aggregate() {
    const back = await this.back(new AggregateError([new Error("a")], "several"));
    return [back.name, back.constructor.name, back.message, back.errors?.length ?? "lost"];
  }

  async dom_exception() {
    try {
      const back = await this.back(new DOMException("text", "AbortError"));
      return [Object.prototype.toString.call(back), back.name ?? "lost", back.message ?? "lost", back.code ?? "lost"];
    } catch (error) {
      return `${error.name}: ${error.message}`;
    }
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    return Response.json(await env.SUBJECT.getByName(method)[method]());
  },
};
