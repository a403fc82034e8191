import { DurableObject } from "cloudflare:workers";

class Base extends DurableObject {
  async whoami() {
    return [this.constructor.name, this.ctx.id.toString(), this.ctx.id.name ?? null];
  }

  async put(value) {
    await this.ctx.storage.put("value", value);
  }

  async get() {
    return (await this.ctx.storage.get("value")) ?? null;
  }
}

export class Subject extends Base {}
export class Other extends Base {}

export default {
  async fetch(request, env) {
    const own = env.SUBJECT.idFromName("foo");
    const foreign = env.OTHER.idFromName("foo");
    const stubs = {
      own: env.SUBJECT.get(own),
      foreignHere: env.SUBJECT.get(foreign),
      foreignThere: env.OTHER.get(foreign),
    };
    const out = { differ: !own.equals(foreign), sameTwice: foreign.equals(env.OTHER.idFromName("foo")) };
    for (const [key, stub] of Object.entries(stubs)) {
      const { pathname } = new URL(request.url);
      if (pathname === "/write") await stub.put(key);
      out[key] = { whoami: await stub.whoami(), value: await stub.get(), name: stub.name ?? null };
    }
    return Response.json(out);
  },
};
