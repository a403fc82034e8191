import { DurableObject } from "cloudflare:workers";

const pairs = (map) => [...map].map(([key, value]) => [key, value ?? null]);

export class Subject extends DurableObject {
  async run() {
    const { storage } = this.ctx;
    const out = {};
    out.missing = (await storage.get("a")) ?? null;
    out.put = (await storage.put("a", 1)) ?? null;
    out.get = await storage.get("a");
    out.putEntries = (await storage.put({ b: 2, c: [3], d: "4" })) ?? null;
    out.getMany = pairs(await storage.get(["d", "b", "nope", "b"]));
    out.getNone = pairs(await storage.get([]));
    out.deleteMissing = await storage.delete("nope");
    out.delete = await storage.delete("a");
    out.deleteAgain = await storage.delete("a");
    out.deleteMany = await storage.delete(["b", "nope", "c"]);
    out.deleteNone = await storage.delete([]);
    out.list = pairs(await storage.list());
    await storage.put(5, "number key");
    out.numberKey = await storage.get("5");
    await storage.put("", "empty key");
    out.emptyKey = await storage.get("");
    await storage.put("null", null);
    out.nullIsKept = pairs(await storage.get(["null"]));
    await storage.put("a", 1, { allowUnconfirmed: true, noCache: true, unknown: 1 });
    out.options = await storage.get("a", { allowConcurrency: true, noCache: true });
    await storage.put({ p: 1, q: 2 }, { allowUnconfirmed: true });
    out.entriesOptions = pairs(await storage.get(["p", "q"]));
    out.sync = (await storage.sync()) ?? null;
    out.keys = [...(await storage.list()).keys()];
    return out;
  }
}

export default {
  async fetch(request, env) {
    return Response.json(await env.SUBJECT.getByName("foo").run());
  },
};
