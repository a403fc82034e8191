import { DurableObject } from "cloudflare:workers";

const KEYS = ["", "\0", "\0\0", "a", "a\0", "a\0b", "aa", "a\x7f", "a\x80", "a\uffff", "a\u{10000}", "a\u{10ffff}", "b", "\x7f", "\x80",
  "é", "é1", "\uffff", "\uffff\uffff", "\u{10000}", "\u{10000}x", "\u{10ffff}", "\u{10ffff}\u{10ffff}"];

export class Subject extends DurableObject {
  async fill() {
    for (const key of KEYS) await this.ctx.storage.put(key, 1);
  }

  async list(options) {
    return [...(await this.ctx.storage.list(options)).keys()].map((key) => KEYS.indexOf(key)).join(" ");
  }

  async each(make) {
    await this.fill();
    const out = [];
    for (const key of KEYS) out.push(await this.list(make(key)));
    return out;
  }

  async prefixes() {
    return this.each((prefix) => ({ prefix }));
  }

  async bounds() {
    return [await this.each((start) => ({ start, limit: 3 })), await this.each((end) => ({ end, reverse: true, limit: 3 }))];
  }

  async combined() {
    await this.fill();
    const out = [];
    for (const prefix of ["a", "", "\u{10ffff}", "\0", "zz"]) {
      for (const start of ["", "a", "aa", "b", "\u{10ffff}"]) {
        for (const end of ["", "a", "aa", "c", "\u{10ffff}\0"]) {
          out.push(await this.list({ prefix, start, end, reverse: start === "a" }));
        }
      }
    }
    return out;
  }

  async after() {
    await this.fill();
    const out = await this.each((startAfter) => ({ startAfter, limit: 2 }));
    for (const startAfter of ["", "a", "zz", "\u{10ffff}\u{10ffff}"]) {
      out.push(await this.list({ startAfter, prefix: "a", end: "a\uffff" }), await this.list({ startAfter, reverse: true, limit: 2 }));
    }
    return out;
  }

  async long() {
    const long = "k".repeat(5000);
    await this.ctx.storage.put({ [long]: 1, [long + "a"]: 2, [long.slice(1)]: 3 });
    const found = await this.ctx.storage.list({ prefix: long });
    return [...found.keys()].map((key) => key.length);
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    return Response.json(await env.SUBJECT.getByName(method)[method]());
  },
};
