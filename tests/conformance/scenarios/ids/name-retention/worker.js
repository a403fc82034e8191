import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  calls = 0;

  async whoami() {
    this.calls += 1;
    return { name: this.ctx.id.name ?? null, calls: this.calls };
  }
}

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const named = env.SUBJECT.idFromName(pathname);
    const byHex = searchParams.get("by") === "hex";
    const id = byHex ? env.SUBJECT.idFromString(named.toString()) : named;
    const stub = env.SUBJECT.get(id);
    return Response.json({ stub: stub.name ?? null, ...(await stub.whoami()) });
  },
};
