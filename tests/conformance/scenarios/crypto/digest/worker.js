// Runs the calls in the request's body, `[name, method, ...arguments]` each, and tells their
// outcomes. `[name, "=", value]` gives a value a name.
const results = new Map();

const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));
const toHex = (buffer) => [...new Uint8Array(buffer)].map((b) => b.toString(16).padStart(2, "0")).join("");

// "hex:00ff" are bytes, "$name" is an earlier result, "$name.publicKey" a member of it, and
// {"...": "$name", x: 1} is a copy of it with another x.
function argument(value) {
  if (Array.isArray(value)) return value.map(argument);
  if (value !== null && typeof value === "object") {
    const { "...": base, ...changes } = value;
    const own = Object.entries(changes).map(([key, v]) => [key, argument(v)]);
    return { ...argument(base), ...Object.fromEntries(own) };
  }
  if (typeof value !== "string") return value;
  if (value === "undefined") return undefined;
  if (value.startsWith("hex:")) return fromHex(value.slice(4));
  if (!value.startsWith("$")) return value;
  const [name, ...members] = value.slice(1).split(".");
  return members.reduce((result, member) => result[member], results.get(name));
}

function show(value) {
  if (value instanceof ArrayBuffer) return `hex:${toHex(value)}`;
  if (value instanceof Uint8Array) return `Uint8Array hex:${toHex(value)}`;
  if (value instanceof CryptoKey) {
    const { type, extractable, algorithm, usages } = value;
    return { type, extractable, algorithm: show(algorithm), usages };
  }
  if (value?.constructor === Object) {
    return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, show(v)]));
  }
  return value === undefined ? "undefined" : value;
}

// What is random is told by its size: a name that ends in "?" asks for that.
function measure(value) {
  if (value instanceof ArrayBuffer) return value.byteLength;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, v?.length ?? v]));
}

async function outcome([name, method, ...args]) {
  if (method === "=") {
    results.set(name, argument(args[0]));
    return "given";
  }
  try {
    const result = await crypto.subtle[method](...args.map(argument));
    results.set(name.replace("?", ""), result);
    return name.endsWith("?") ? measure(result) : show(result);
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export default {
  async fetch(request) {
    results.clear();
    const outcomes = [];
    for (const call of await request.json()) outcomes.push([call[0], await outcome(call)]);
    return Response.json(outcomes);
  },
};
