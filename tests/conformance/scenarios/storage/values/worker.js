import { DurableObject } from "cloudflare:workers";

const VALUES = {
  true: true,
  false: false,
  null: null,
  int: 42,
  negative: -7,
  fraction: 1.5,
  largest: Number.MAX_SAFE_INTEGER - 1,
  infinity: Infinity,
  minusInfinity: -Infinity,
  nan: NaN,
  bigint: 2n ** 64n,
  text: "héé😀\0",
  empty: "",
  list: [1, "two", null, [3]],
  emptyList: [],
  object: { a: 1, b: { c: [null] } },
  emptyObject: {},
  bytes: new Uint8Array([0, 1, 255]),
  noBytes: new Uint8Array([]),
  date: new Date(1700000000123),
  set: new Set([1, 2]),
};

function describe(value) {
  if (value === null || value === undefined) return "null";
  if (typeof value === "boolean") return `bool ${value}`;
  if (typeof value === "number") return `number ${value}`;
  if (typeof value === "bigint") return `bigint ${value}`;
  if (typeof value === "string") return `text ${value}`;
  if (Array.isArray(value)) return { list: value.map(describe) };
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (value instanceof Date) return { date: value.getTime() };
  if (value instanceof Set) return { set: [...value].map(describe) };
  const entries = Object.entries(value);
  return { object: Object.fromEntries(entries.map(([k, v]) => [k, describe(v)])) };
}

async function failure(call) {
  try {
    await call();
    return null;
  } catch (error) {
    return { name: error.name, message: error.message };
  }
}

export class Subject extends DurableObject {
  async write() {
    for (const [key, value] of Object.entries(VALUES)) await this.ctx.storage.put(key, value);
    return Object.keys(VALUES).length;
  }

  async read() {
    const found = {};
    for (const key of Object.keys(VALUES)) found[key] = describe(await this.ctx.storage.get(key));
    return found;
  }

  async copies() {
    const original = { list: [1] };
    await this.ctx.storage.put("copy", original);
    original.list.push(2);
    const first = await this.ctx.storage.get("copy");
    first.list.push(3);
    const second = await this.ctx.storage.get("copy");
    return { first: first.list, second: second.list };
  }

  async rejected() {
    return {
      function: await failure(() => this.ctx.storage.put("bad", () => 1)),
      id: await failure(() => this.ctx.storage.put("bad", this.ctx.id)),
      left: (await this.ctx.storage.get("bad")) ?? null,
    };
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    return Response.json(await env.SUBJECT.getByName("foo")[method]());
  },
};
