import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  async echo(value) {
    return value;
  }

  async own() {
    return this.ctx.id;
  }

  async stored() {
    return outcome(() => this.ctx.storage.put("id", this.ctx.id));
  }

  async nested() {
    return outcome(() => this.ctx.storage.put({ a: { b: [this.ctx.id] } }));
  }

  async looks() {
    return looks(this.ctx.id);
  }
}

async function outcome(action) {
  try {
    return await action();
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

function looks(id) {
  return {
    json: JSON.stringify(id), keys: Object.keys(id).sort(), text: String(id), joined: "<" + id + ">",
    tag: Object.prototype.toString.call(id), class: id.constructor.name, type: typeof id,
    hasName: "name" in id, hasJurisdiction: "jurisdiction" in id, hasEquals: "equals" in id,
    methods: [typeof id.equals, typeof id.toString],
  };
}

export default {
  async fetch(request, env) {
    const ns = env.SUBJECT;
    const named = ns.idFromName("foo");
    const stub = ns.get(named);
    const unique = ns.newUniqueId();
    const hidden = (text) => JSON.parse(JSON.stringify(text).replaceAll(unique.toString(), "<hex>"));
    return Response.json({
      named: looks(named),
      empty: looks(ns.idFromName("")),
      unique: hidden(looks(unique)),
      parsed: looks(ns.idFromString(named.toString())),
      inside: await stub.looks(),
      argument: await outcome(() => stub.echo(named)),
      nestedArgument: await outcome(() => stub.echo({ id: [named] })),
      result: await outcome(() => stub.own()),
      stored: await stub.stored(),
      nestedStored: await stub.nested(),
      cloned: await outcome(() => structuredClone(named)),
    });
  },
};
