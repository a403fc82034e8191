import { DurableObject } from "cloudflare:workers";

const KEYS = ["\u{10000}", "b1", "\uffff", "é", "b", "ab", "aa", "a\0", "a", "Z", "", "10", "9", "~"];

export class Subject extends DurableObject {
  async run() {
    for (const key of KEYS) await this.ctx.storage.put(key, key.length);
    return {
      list: [...(await this.ctx.storage.list()).keys()],
      reverse: [...(await this.ctx.storage.list({ reverse: true })).keys()],
      get: [...(await this.ctx.storage.get(KEYS)).keys()],
      afterNul: [...(await this.ctx.storage.list({ startAfter: "a", end: "aa" })).keys()],
      high: [...(await this.ctx.storage.list({ start: "\uffff" })).keys()],
    };
  }
}

export default {
  async fetch(request, env) {
    return Response.json(await env.SUBJECT.getByName("foo").run());
  },
};
