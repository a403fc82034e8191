import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  async back(value) {
    await this.ctx.storage.put("value", value);
    return this.ctx.storage.get("value");
  }

  async cycles() {
    const object = { name: "a" };
    object.self = object;
    const list = [1];
    list.push(list);
    const map = new Map();
    map.set("self", map);
    map.set(map, "key");
    const set = new Set();
    set.add(set);
    const one = { name: "one" };
    const two = { name: "two", one };
    one.two = two;
    const back = await this.back({ object, list, map, set, one });
    return [
      back.object.self.self === back.object,
      back.list[1][1] === back.list,
      back.map.get("self") === back.map,
      back.map.get(back.map),
      back.set.has(back.set),
      back.one.two.one === back.one,
      back.object.self.name,
    ];
  }

  async shared() {
    const part = { n: 1 };
    const date = new Date(5);
    const back = await this.back({ a: part, b: part, list: [part, date, date], copy: { ...part } });
    back.a.n = 2;
    const separate = await this.ctx.storage.put({ x: part, y: part });
    const x = await this.ctx.storage.get("x");
    x.n = 3;
    const many = await this.ctx.storage.get(["x", "y"]);
    return [back.b.n, back.list[0] === back.a, back.list[1] === back.list[2], back.copy.n, many.get("y").n, many.get("x") === many.get("y")];
  }

  async holes() {
    const list = [1, , undefined, null];
    list[9] = "end";
    const back = await this.back(list);
    const long = [];
    long.length = 5;
    const empty = await this.back(long);
    return [back.length, [0, 1, 2, 3, 4, 9].map((i) => i in back), String(back), back[2] === undefined, back[3], empty.length, Object.keys(empty).length];
  }

  async array_properties() {
    const list = [1, 2];
    list.name = "named";
    list[-1] = "minus";
    const back = await this.back(list);
    return [back.length, back.name ?? "lost", back[-1] ?? "lost", Object.keys(back)];
  }

  async hidden() {
    const value = { own: 2 };
    Object.defineProperty(value, "hidden", { value: 3, enumerable: false });
    value[Symbol("symbol")] = 4;
    const bare = Object.create(null);
    bare.a = 1;
    const frozen = Object.freeze({ a: 1 });
    const backs = [await this.back(value), await this.back(bare), await this.back(frozen)];
    return [
      Object.keys(backs[0]),
      Object.getPrototypeOf(backs[0]) === Object.prototype,
      Object.getPrototypeOf(backs[1]) === Object.prototype,
      Object.isFrozen(backs[2]),
    ];
  }

  async accessors() {
    let reads = 0;
    const value = { before: 1 };
    Object.defineProperty(value, "computed", { enumerable: true, get: () => (reads += 1) });
    const back = await this.back(value);
    const descriptor = Object.getOwnPropertyDescriptor(back, "computed");
    return [reads, back.computed, typeof descriptor.get, descriptor.writable];
  }

  async deep() {
    let value = "bottom";
    for (let i = 0; i < 200; i++) value = i % 2 ? [value] : { value };
    let back = await this.back(value);
    let depth = 0;
    while (typeof back === "object") {
      back = Array.isArray(back) ? back[0] : back.value;
      depth += 1;
    }
    return [depth, back];
  }

  async undefined_inside() {
    const back = await this.back({ a: undefined, list: [undefined], map: new Map([["k", undefined]]) });
    return ["a" in back, back.a === undefined, back.list.length, back.map.has("k"), back.map.get("k") === undefined];
  }

  async wide() {
    const value = {};
    for (let i = 0; i < 2000; i++) value["k" + i] = { i, list: [i] };
    const back = await this.back(value);
    return [Object.keys(back).length, back.k1999.list[0], Object.keys(back)[1500]];
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    return Response.json(await env.SUBJECT.getByName(method)[method]());
  },
};
