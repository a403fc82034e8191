import { DurableObject } from "cloudflare:workers";

function outcome(run) {
  try {
    const value = run();
    return value === undefined ? "undefined" : String(value);
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export class Subject extends DurableObject {
  async run() {
    const set = (...args) => {
      const result = outcome(() => this.ctx.setHibernatableWebSocketEventTimeout(...args));
      return `${result} ${this.ctx.getHibernatableWebSocketEventTimeout()}`;
    };
    return {
      unset: this.ctx.getHibernatableWebSocketEventTimeout(),
      set: set(1000),
      fraction: set(1500.7),
      text: set("250"),
      zero: set(0),
      again: set(1000),
      omitted: set(),
      most: set(604800000),
      tooMuch: set(604800001),
      negative: set(-1),
      nan: set(NaN),
      word: set("x"),
      nothing: set(null),
      undefined: set(undefined),
    };
  }
}

export default {
  async fetch(request, env) {
    return Response.json(await env.SUBJECT.getByName("foo").run());
  },
};
