import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  async whoami() {
    return [this.ctx.id.toString(), this.ctx.id.name ?? null, this.ctx.id.jurisdiction ?? null];
  }
}

function outcome(action) {
  try {
    return action();
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export default {
  async fetch(request, env) {
    const ns = env.SUBJECT;
    const made = (...options) => outcome(() => ns.newUniqueId(...options).toString().length);
    const sub = (...options) =>
      outcome(() => ns.jurisdiction(...options).idFromName("a").equals(ns.idFromName("a")));
    const unique = ns.newUniqueId();
    const many = new Set();
    for (let i = 0; i < 50; i++) many.add(ns.newUniqueId().toString());
    const inside = await ns.get(unique).whoami();
    return Response.json({
      made: {
        plain: made(), undefined: made(undefined), nothing: made(null), empty: made({}),
        none: made({ jurisdiction: undefined }), null: made({ jurisdiction: null }),
        unknownOption: made({ locationHint: "weur" }), list: made([]),
        text: made("eu"), number: made(5), yes: made(true),
        eu: made({ jurisdiction: "eu" }), fedramp: made({ jurisdiction: "fedramp" }),
        other: made({ jurisdiction: "moon" }), blank: made({ jurisdiction: "" }),
        numeric: made({ jurisdiction: 5 }),
      },
      sub: {
        plain: sub(), undefined: sub(undefined), nothing: sub(null), eu: sub("eu"),
        blank: sub(""), number: sub(0), object: sub({}),
      },
      many: many.size,
      lower: /^[0-9a-f]{64}$/.test(unique.toString()),
      name: unique.name ?? null,
      jurisdiction: unique.jurisdiction ?? null,
      keys: Object.keys(unique),
      stubName: ns.get(unique).name ?? null,
      inside: [inside[0] === unique.toString(), inside[1], inside[2]],
      byText: (await ns.get(ns.idFromString(unique.toString())).whoami())[0] === inside[0],
    });
  },
};
