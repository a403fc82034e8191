import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {}

function outcome(action) {
  try {
    return action();
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

function names(ns) {
  const given = {
    number: 123, fraction: 1.5, big: 1e21, huge: 2n ** 53n, yes: true, no: false,
    nothing: null, undefined: undefined, list: [1, [2, "a"]], emptyList: [],
    object: { a: 1 }, text: "a", empty: "",
  };
  const out = {};
  for (const [key, value] of Object.entries(given)) {
    out[key] = outcome(() => {
      const id = ns.idFromName(value);
      return [id.name, id.toString(), ns.getByName(value).name];
    });
  }
  out.extra = outcome(() => ns.idFromName("a", "b").name);
  out.ofAnId = outcome(() => ns.idFromName(ns.idFromName("a")).name === ns.idFromName("a").toString());
  return out;
}

function refused(ns) {
  const id = ns.idFromName("a");
  const out = {};
  const given = {
    text: "a", hex: id.toString(), number: 1, yes: true, nothing: null, undefined: undefined,
    object: {}, list: [id], lookalike: { name: "a" }, stub: ns.get(id), namespace: ns,
  };
  for (const [key, value] of Object.entries(given)) {
    out[key] = [outcome(() => ns.get(value)), outcome(() => id.equals(value))];
  }
  out.missing = [
    outcome(() => ns.get()), outcome(() => id.equals()), outcome(() => ns.getByName()),
    outcome(() => ns.idFromString()), outcome(() => ns.idFromName()),
  ];
  out.equal = [id.equals(id), id.equals(ns.idFromName("a")), id.equals(ns.get(id).id)];
  return out;
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    return Response.json(pathname === "/names" ? names(env.SUBJECT) : refused(env.SUBJECT));
  },
};
