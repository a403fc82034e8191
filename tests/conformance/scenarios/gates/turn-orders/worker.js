import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  log = [];

  async wait(kind) {
    const { storage } = this.ctx;
    switch (kind) {
      case "resolved": return Promise.resolve();
      case "get": return storage.get("k");
      case "put": return storage.put("k", 1);
      case "delete": return storage.delete("k");
      case "list": return storage.list();
      case "deleteall": return storage.deleteAll();
      case "sleep": return scheduler.wait(5);
      case "sync": return storage.sync();
    }
  }

  async steps(label, kind) {
    for (let i = 0; i < 3; i++) {
      this.log.push(label + i);
      await this.wait(kind);
    }
  }

  async order() {
    return this.log.join(" ");
  }
}

export default {
  async fetch(request, env) {
    const kind = new URL(request.url).pathname.slice(1);
    const stub = env.SUBJECT.getByName(kind);
    await Promise.all([stub.steps("A", kind), stub.steps("B", kind)]);
    return Response.json(await stub.order());
  },
};
