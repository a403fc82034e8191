import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {}
export class Other extends DurableObject {}

export default {
  async fetch(request, env) {
    const ns = env.SUBJECT;
    const hex = ns.idFromName("foo").toString();
    const base = hex.slice(0, 32);
    const flip = (at) => hex.slice(0, at) + (hex[at] === "0" ? "1" : "0") + hex.slice(at + 1);
    const GIVEN = {
      same: hex, upper: hex.toUpperCase(), mixed: hex.slice(0, 40).toUpperCase() + hex.slice(40),
      short: hex.slice(0, 63), long: hex + "0", half: base, twice: hex + hex,
      spaceBefore: " " + hex, spaceAfter: hex + " ", newline: hex + "\n", zeroX: "0x" + hex.slice(2),
      minus: "-" + hex.slice(1), inner: hex.slice(0, 30) + "  " + hex.slice(32),
      g: "g" + hex.slice(1), wideDigits: "０".repeat(64), arabicDigits: "٠".repeat(64),
      zeros: "0".repeat(64), effs: "f".repeat(64), baseFlipped: flip(0), macFlipped: flip(63),
      swapped: hex.slice(32) + base, foreign: env.OTHER.idFromName("foo").toString(),
      number: 1234, nothing: null, undefined: undefined, list: [hex], object: {}, nul: hex + "\0",
      anId: ns.idFromName("foo"),
    };
    const out = {};
    for (const [key, given] of Object.entries(GIVEN)) {
      try {
        const id = ns.idFromString(given);
        out[key] = [id.toString(), id.name ?? null, id.equals(ns.idFromName("foo"))];
      } catch (error) {
        out[key] = `${error.name}: ${error.message}`;
      }
    }
    return Response.json(out);
  },
};
