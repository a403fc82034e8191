import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  async whoami() {
    return { id: this.ctx.id.toString(), name: this.ctx.id.name ?? null };
  }
}

export default {
  async fetch(request, env) {
    const ns = env.SUBJECT;
    const named = ns.idFromName("foo");
    const hex = named.toString();
    const parsed = ns.idFromString(hex);
    const unique = ns.newUniqueId();
    const stub = ns.get(named);
    return Response.json({
      name: named.name,
      nameAfterIdFromString: parsed.name ?? null,
      nameOfUnique: unique.name ?? null,
      equalsIgnoresName: named.equals(parsed),
      equalsOther: named.equals(ns.idFromName("bar")),
      upperCase: ns.idFromString(hex.toUpperCase()).toString() === hex,
      uniqueRoundTrip: ns.idFromString(unique.toString()).equals(unique),
      uniquesDiffer: !unique.equals(ns.newUniqueId()),
      uniqueLength: unique.toString().length,
      stubId: stub.id.toString() === hex,
      stubName: stub.name,
      getByNameIsTheSame: ns.getByName("foo").id.equals(named),
      inside: await stub.whoami(),
      insideByName: await ns.getByName("other").whoami(),
      insideUnique: (await ns.get(unique).whoami()).id === unique.toString(),
    });
  },
};
