import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";

export class Child extends DurableObject {
  async hello() {
    return "hello";
  }
}

export class Entry extends WorkerEntrypoint {}

async function outcome(call) {
  try {
    return (await call()) ?? null;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export class Subject extends DurableObject {
  async check() {
    const { facets, exports } = this.ctx;
    const good = () => ({ class: exports.Child });
    const hello = (name, callback = good) => outcome(() => facets.get(name, callback).hello());
    const reference = exports.Child({ props: {} });
    return {
      reference: await hello("reference", () => ({ class: reference })),
      namespace: await outcome(() => facets.get("ns", () => ({ class: exports.Subject })).hello2()),
      none: await hello("none", () => ({})),
      number: await hello("number", () => ({ class: 5 })),
      entrypoint: await hello("entrypoint", () => ({ class: exports.Entry })),
      binding: await hello("binding", () => ({ class: this.env.SUBJECT })),
      undefined: await hello("undefined", () => undefined),
      null: await hello("null", () => null),
      five: await hello("five", () => 5),
      promised: await hello("promised", async () => undefined),
      name256: await hello("x".repeat(256)),
      name257: await hello("x".repeat(257)),
      bytes: await hello("é".repeat(129)),
      nameNumber: await hello(5),
      empty: (await hello("")).replace(/= .*/, "="),
      get: await outcome(() => facets.get()),
      getOne: await outcome(() => facets.get("a")),
      getWrong: await outcome(() => facets.get("a", 5)),
      abort: await outcome(() => facets.abort()),
      abortOne: await outcome(() => facets.abort("a")),
      abortLong: await outcome(() => facets.abort("x".repeat(257), "reason")),
      abortMissing: await outcome(() => facets.abort("missing", "reason")),
      delete: await outcome(() => facets.delete()),
      deleteLong: await outcome(() => facets.delete("x".repeat(257))),
      deleteMissing: await outcome(() => facets.delete("missing")),
      clone: await outcome(() => facets.clone()),
      cloneOne: await outcome(() => facets.clone("a")),
      cloneLong: await outcome(() => facets.clone("a", "x".repeat(257))),
    };
  }
}

export default {
  async fetch(request, env) {
    return Response.json(await env.SUBJECT.getByName("foo").check());
  },
};
