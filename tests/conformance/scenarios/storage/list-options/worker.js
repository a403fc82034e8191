import { DurableObject } from "cloudflare:workers";

const KEYS = ["", "a", "a1", "a2", "ab", "b", "b1", "c", "é"];
const PREFIXES = [undefined, "", "a", "b", "zz"];
const STARTS = [undefined, "", "a1", "b", "c"];
const ENDS = [undefined, "", "a2", "b", "z"];
const LIMITS = [undefined, 1, 2];

const show = (value) => value ?? "-";

export class Subject extends DurableObject {
  async matrix(low) {
    await this.ctx.storage.put(Object.fromEntries(KEYS.map((key) => [key, 1])));
    const found = {};
    for (const prefix of PREFIXES) {
      for (const start of STARTS) {
        for (const end of ENDS) {
          for (const reverse of [false, true]) {
            for (const limit of LIMITS) {
              const options = { prefix, [low]: start, end, reverse, limit };
              const label = [prefix, start, end, reverse, limit].map(show).join("|");
              found[label] = [...(await this.ctx.storage.list(options)).keys()].join();
            }
          }
        }
      }
    }
    return found;
  }
}

export default {
  async fetch(request, env) {
    const low = new URL(request.url).pathname.slice(1);
    return Response.json(await env.SUBJECT.getByName(low).matrix(low));
  },
};
