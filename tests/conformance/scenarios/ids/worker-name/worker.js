import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  async value(given) {
    if (given) await this.ctx.storage.put("value", given);
    return (await this.ctx.storage.get("value")) ?? null;
  }
}

export class Other extends Subject {}

export default {
  async fetch(request, env) {
    const write = new URL(request.url).pathname === "/write";
    const out = {};
    for (const binding of ["FIRST", "SECOND", "THIRD"]) {
      const stub = env[binding].getByName("foo");
      const value = await stub.value(write && binding !== "SECOND" ? binding : null);
      out[binding] = [stub.id.toString(), value];
    }
    out.same = env.FIRST.idFromName("a").equals(env.SECOND.idFromName("a"));
    out.other = env.FIRST.idFromName("a").equals(env.THIRD.idFromName("a"));
    out.parsed = env.SECOND.idFromString(out.FIRST[0]).toString() === out.FIRST[0];
    return Response.json(out);
  },
};
