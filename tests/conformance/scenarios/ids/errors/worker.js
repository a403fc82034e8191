import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {}
export class Other extends DurableObject {}

function failure(action) {
  try {
    action();
    return null;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export default {
  async fetch(request, env) {
    const ns = env.SUBJECT;
    const id = ns.idFromName("foo");
    const flipped = (id.toString().endsWith("0") ? "1" : "0");
    return Response.json({
      tooShort: failure(() => ns.idFromString("abc")),
      empty: failure(() => ns.idFromString("")),
      notHex: failure(() => ns.idFromString("z".repeat(64))),
      tooLong: failure(() => ns.idFromString(id.toString() + "00")),
      badChecksum: failure(() => ns.idFromString(id.toString().slice(0, 63) + flipped)),
      foreign: failure(() => ns.idFromString(env.OTHER.idFromName("foo").toString())),
      noName: failure(() => ns.idFromName()),
      getOfText: failure(() => ns.get(id.toString())),
      equalsOfText: failure(() => id.equals(id.toString())),
      jurisdiction: failure(() => ns.newUniqueId({ jurisdiction: "eu" })),
      subNamespace: failure(() => ns.jurisdiction("eu")),
      routingMode: failure(() => ns.get(id, { routingMode: "nearest" })),
      anyLocationHint: failure(() => ns.get(id, { locationHint: "atlantis" })),
    });
  },
};
