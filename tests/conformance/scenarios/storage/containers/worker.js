import { DurableObject } from "cloudflare:workers";

const kind = (value) => Object.prototype.toString.call(value).slice(8, -1);

export class Subject extends DurableObject {
  async back(value) {
    await this.ctx.storage.put("value", value);
    return this.ctx.storage.get("value");
  }

  async maps() {
    const map = new Map([["b", 1], [2, "two"], [null, new Map([["x", new Set([1])]])], [NaN, "nan"], ["a", undefined]]);
    map.extra = "lost";
    const back = await this.back(map);
    const inner = back.get(null);
    return {
      kind: kind(back),
      size: back.size,
      keys: [...back.keys()].map(String),
      two: back.get(2),
      nan: back.get(NaN),
      inner: [kind(inner), inner.size, kind(inner.get("x"))],
      has: back.has("a"),
      extra: back.extra ?? "lost",
      original: map.size,
      empty: (await this.back(new Map())).size,
    };
  }

  async sets() {
    const back = await this.back(new Set(["b", "a", 1, "1", true, null, "b"]));
    return { kind: kind(back), size: back.size, values: [...back].map((v) => typeof v + String(v)), one: back.has(1) };
  }

  async dates() {
    const out = [];
    for (const ms of [0, -1, 1700000000123, 8.64e15, -8.64e15, NaN, 1.9]) {
      const back = await this.back(new Date(ms));
      out.push([kind(back), String(back.getTime())]);
    }
    return out;
  }

  async expressions() {
    const out = [];
    for (const [source, flags] of [["a+b", "gi"], ["^x$", ""], ["(?<year>\\d{4})", "u"], ["/", "s"]]) {
      const expression = new RegExp(source, flags);
      expression.lastIndex = 3;
      const back = await this.back(expression);
      out.push([kind(back), back.source, back.flags, back.lastIndex]);
    }
    return out;
  }

  async numbers() {
    const out = [];
    for (const value of [0, -0, 1e21, 5e-324, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, Infinity, -Infinity, NaN, 0.1 + 0.2]) {
      const back = await this.back({ value });
      out.push(Object.is(back.value, -0) ? "-0" : String(back.value));
    }
    for (const value of [0n, -1n, 2n ** 63n, -(2n ** 64n), 2n ** 200n]) {
      const back = await this.back({ value });
      out.push([typeof back.value, String(back.value)]);
    }
    return out;
  }

  async boxed() {
    const out = [];
    for (const value of [new Number(5), new String("text"), new Boolean(false), Object(7n)]) {
      const back = await this.back(value);
      out.push([kind(back), typeof back, String(back)]);
    }
    return out;
  }

  async key_order() {
    const back = await this.back({ z: 1, 10: 2, a: 3, 2: 4, "-1": 5, "01": 6 });
    return Object.keys(back);
  }

  async texts() {
    const out = [];
    for (const text of ["", "a\0b", "héé", "日本語", "😀", "\u2028", "\uffff", "x".repeat(70000), "é".repeat(40000)]) {
      const back = await this.back({ [text.slice(0, 10)]: text });
      out.push([back[text.slice(0, 10)] === text, Object.keys(back)[0].length]);
    }
    return out;
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    return Response.json(await env.SUBJECT.getByName(method)[method]());
  },
};
