import { DurableObject } from "cloudflare:workers";

const shared = { a: 1 };
const bytes = (...values) => new Uint8Array(values);

const VALUES = {
  undefined: () => undefined, nothing: () => null, yes: () => true, no: () => false,
  zero: () => 0, one: () => 1, negative: () => -5, fraction: () => 1.5, tiny: () => 5e-324,
  most: () => 1.7976931348623157e308, infinity: () => Infinity, nan: () => NaN,
  safe: () => 2 ** 53 - 1, text: () => "text", empty: () => "", unicode: () => "hé😀\0",
  longText: () => "x".repeat(100000), list: () => [1, "a", null, [true]], emptyList: () => [],
  object: () => ({ a: 1, b: { c: [2] } }), emptyObject: () => ({}),
  numericKeys: () => ({ 2: "b", 1: "a", x: "c" }),
  nulls: () => ({ a: null, b: [null] }),
  map: () => new Map([["k", 1], ["l", [2]]]), set: () => new Set([1, "a"]), emptySet: () => new Set(),
  date: () => new Date(86400000), bytes: () => bytes(1, 2, 255), noBytes: () => bytes(),
  buffer: () => bytes(7, 8).buffer, words: () => new Uint16Array([1, 256]),
  floats: () => new Float64Array([1.5]), slice: () => bytes(1, 2, 3, 4).subarray(1, 3),
  shared: () => [shared, shared], error: () => new Error("an error value"),
  deep: () => JSON.parse("[".repeat(100) + "]".repeat(100)),
};

function describe(value) {
  if (value === undefined || value === null) return "none";
  if (typeof value === "number") return `number ${value}`;
  if (typeof value === "string") return value.length > 100 ? `string ${value.length}` : `string ${value}`;
  if (typeof value !== "object") return `${typeof value} ${value}`;
  if (Array.isArray(value)) return ["list", ...value.map(describe)];
  if (value instanceof Set) return ["set", ...[...value].map(describe).sort()];
  if (value instanceof Date) return `date ${value.getTime()}`;
  if (value instanceof Error) return `error ${value.message}`;
  if (value instanceof ArrayBuffer) return `bytes ${new Uint8Array(value)}`;
  if (ArrayBuffer.isView(value)) return `bytes ${[...value]}`;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return ["object", ...entries.map(([key, item]) => [key, describe(item)])];
}

function depth(value) {
  let levels = 0;
  for (let inner = value; Array.isArray(inner); inner = inner[0]) levels += 1;
  return levels;
}

const described = (key, value) => (key === "deep" ? depth(value) : describe(value));

export class Subject extends DurableObject {
  async describe(key, value) {
    return described(key, value);
  }

  async make(key) {
    return VALUES[key]();
  }

  async echo(value) {
    return value;
  }

  async sameTwice(list) {
    list[0].a = 5;
    return list[1].a;
  }
}

export default {
  async fetch(request, env) {
    const stub = env.SUBJECT.getByName("foo");
    const { pathname } = new URL(request.url);
    const out = {};
    for (const [key, make] of Object.entries(VALUES)) {
      if (pathname === "/arguments") out[key] = await stub.describe(key, make());
      else if (pathname === "/results") out[key] = described(key, await stub.make(key));
      else out[key] = described(key, await stub.echo(make()));
    }
    out.sameTwice = await stub.sameTwice([shared, shared]);
    out.untouched = shared.a;
    return Response.json(out);
  },
};
