import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  async codes() {
    return codes(this.ctx.id.name);
  }
}

const NAMES = {
  accents: "héé", emoji: "😀", nul: "a\0b", newline: "a\nb", tab: "\t", space: " ", bom: "\ufeffa",
  composed: "\u00e9", decomposed: "e\u0301", rightToLeft: "\u202eabc", family: "👨‍👩‍👧",
  quote: '"\'\\', slash: "../../etc", percent: "%00%2F", del: "\x7f", latin: "\xff",
  max: "\u{10ffff}", noncharacter: "\uffff", replacement: "\ufffd",
  highSurrogate: "a\ud800", lowSurrogate: "\udc00b", swapped: "\udc00\ud800",
};

function codes(text) {
  return [...text].map((character) => character.codePointAt(0).toString(16)).join(" ");
}

export default {
  async fetch(request, env) {
    const ns = env.SUBJECT;
    const out = {};
    for (const [key, name] of Object.entries(NAMES)) {
      const id = ns.idFromName(name);
      out[key] = [id.toString(), codes(id.name), codes(ns.get(id).name), await ns.get(id).codes()];
    }
    out.differ = !ns.idFromName(NAMES.composed).equals(ns.idFromName(NAMES.decomposed));
    return Response.json(out);
  },
};
