import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  log = [];

  async run(label) {
    return this.ctx.storage.transaction(async (txn) => {
      const seen = [...(await txn.list()).keys()].join("");
      this.log.push(`${label}1[${seen}]`);
      await scheduler.wait(5);
      await txn.put(label, 1);
      this.log.push(label + "2");
    });
  }

  async two_in_one_call() {
    await Promise.all([this.run("a"), this.run("b")]);
  }

  async other() {
    this.log.push("other");
  }

  async order() {
    return this.log.join(" ");
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    const stub = env.SUBJECT.getByName(method);
    if (method === "two_in_one_call") await stub.two_in_one_call();
    else await Promise.all([stub.run("a"), stub.run("b"), stub.other()]);
    return Response.json(await stub.order());
  },
};
