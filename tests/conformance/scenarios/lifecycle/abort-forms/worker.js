import { DurableObject } from "cloudflare:workers";

const REASONS = {
  none: [], undefined: [undefined], text: ["why"], unicode: ["hé😀"], lines: ["a\nb"],
  number: [5], zero: [0], yes: [true], no: [false], list: [[1, 2]], object: [{ a: 1 }],
  error: [new TypeError("zz")], prefix: ["jsg.TypeError: inner"], broken: ["broken.x; jsg.Error: inner"],
  long: ["x".repeat(5000)],
};

export class Subject extends DurableObject {
  async stop(key) {
    this.ctx.abort(...REASONS[key]);
  }

  async later(key) {
    setTimeout(() => this.ctx.abort(...REASONS[key]), 1);
    await scheduler.wait(10_000);
  }

  async fetch(request) {
    this.ctx.abort(...REASONS[new URL(request.url).pathname.slice(1)]);
  }
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const out = {};
    for (const key of Object.keys(REASONS)) {
      const stub = env.SUBJECT.getByName(pathname + key);
      try {
        if (pathname === "/rpc") await stub.stop(key);
        else if (pathname === "/later") await stub.later(key);
        else await stub.fetch(`http://object/${key}`);
        out[key] = "no error";
      } catch (error) {
        const flags = ["remote", "retryable", "overloaded", "durableObjectReset", "durableObjectId"];
        out[key] = [
          error.name, error.message.length > 100 ? error.message.length : error.message,
          ...flags.filter((flag) => error[flag] !== undefined),
        ];
      }
    }
    return Response.json(out);
  },
};
