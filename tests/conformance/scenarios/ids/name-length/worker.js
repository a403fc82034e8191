import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  async length() {
    return this.ctx.id.name?.length ?? null;
  }

  async hex() {
    return this.ctx.id.toString();
  }
}

const NAMES = {
  empty: "", one: "a", most: "a".repeat(1024), tooLong: "a".repeat(1025), long: "b".repeat(100000),
  twoBytes: "é".repeat(512), twoBytesTooLong: "é".repeat(512) + "a",
  fourBytes: "😀".repeat(256), fourBytesTooLong: "😀".repeat(256) + "a",
};

export default {
  async fetch(request, env) {
    const ns = env.SUBJECT;
    const out = {};
    for (const [key, name] of Object.entries(NAMES)) {
      const stub = ns.getByName(name);
      const id = ns.idFromName(name);
      out[key] = {
        outside: [stub.name === name, stub.id.name === name, id.name === name],
        inside: (await stub.length()) === null ? "absent" : (await stub.length()) === name.length,
        hex: id.toString(),
        same: (await stub.hex()) === id.toString(),
      };
    }
    return Response.json(out);
  },
};
