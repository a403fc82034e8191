import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  async ping() {
    return "pong";
  }
}

async function outcome(call) {
  try {
    return await call();
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

const GIVEN = {
  undefined: undefined, nothing: null, empty: {}, list: [], text: "x", number: 5, yes: true,
  hint: { locationHint: "weur" }, hintUnknown: { locationHint: "atlantis" },
  hintEmpty: { locationHint: "" }, hintNumber: { locationHint: 5 },
  hintNull: { locationHint: null }, hintUndefined: { locationHint: undefined },
  mode: { routingMode: "primary-only" }, modeUnknown: { routingMode: "nearest" },
  modeCase: { routingMode: "Primary-Only" }, modeEmpty: { routingMode: "" },
  modeNumber: { routingMode: 5 }, modeUndefined: { routingMode: undefined },
  modeNull: { routingMode: null }, modeYes: { routingMode: true },
  both: { locationHint: "oc", routingMode: "primary-only" },
  unknownOption: { locationHints: 5, nonsense: "x" },
};

export default {
  async fetch(request, env) {
    const ns = env.SUBJECT;
    const byName = new URL(request.url).pathname === "/getByName";
    const out = {};
    for (const [key, options] of Object.entries(GIVEN)) {
      out[key] = await outcome(() =>
        (byName ? ns.getByName("a", options) : ns.get(ns.idFromName("a"), options)).ping(),
      );
    }
    return Response.json(out);
  },
};
