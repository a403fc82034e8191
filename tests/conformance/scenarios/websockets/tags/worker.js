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
    const out = {};
    const accept = (tags) => {
      const server = new WebSocketPair()[1];
      this.ctx.acceptWebSocket(server, tags);
      return JSON.stringify(this.ctx.getTags(server));
    };
    const count = (n) => Array.from({ length: n }, (_, i) => `t${i}`);
    out.none = outcome(() => accept());
    out.empty = outcome(() => accept([]));
    out.two = outcome(() => accept(["b", "a"]));
    out.duplicates = outcome(() => accept(["a", "b", "a"]));
    out.converted = outcome(() => accept([1, true, "x"]));
    out.emptyString = outcome(() => accept([""]));
    out.ten = outcome(() => accept(count(10)).length);
    out.eleven = outcome(() => accept(count(11)));
    out.elevenWithDuplicate = outcome(() => accept([...count(10), "t0"]).length);
    out.long = outcome(() => accept(["x".repeat(256)]).length);
    out.tooLong = outcome(() => accept(["x".repeat(257)]));
    out.tooManyBytes = outcome(() => accept(["\u00fc".repeat(129)]));
    out.text = outcome(() => accept("tag"));
    out.number = outcome(() => accept(5));
    const fresh = new WebSocketPair()[1];
    out.notAccepted = outcome(() => this.ctx.getTags(fresh));
    fresh.accept();
    out.standard = outcome(() => this.ctx.getTags(fresh));
    out.missing = outcome(() => this.ctx.getTags());
    out.total = this.ctx.getWebSockets().length;
    out.t3 = this.ctx.getWebSockets("t3").length;
    out.emptyTag = this.ctx.getWebSockets("").length;
    out.unknown = this.ctx.getWebSockets("nope").length;
    out.numberTag = this.ctx.getWebSockets(1).length;
    return out;
  }
}

export default {
  async fetch(request, env) {
    return Response.json(await env.SUBJECT.getByName("foo").run());
  },
};
