import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  async put_abort() {
    this.ctx.storage.put("a", 1);
    this.ctx.abort("stop");
  }

  async awaited_put_abort() {
    await this.ctx.storage.put("a", 1);
    await this.ctx.storage.get("a");
    await Promise.resolve();
    this.ctx.abort("stop");
  }

  async put_sleep_put_abort() {
    this.ctx.storage.put("a", 1);
    await scheduler.wait(5);
    this.ctx.storage.put("b", 2);
    this.ctx.abort("stop");
  }

  async put_sync_put_abort() {
    this.ctx.storage.put("a", 1);
    await this.ctx.storage.sync();
    this.ctx.storage.put("b", 2);
    this.ctx.abort("stop");
  }

  async transaction_abort() {
    await this.ctx.storage.transaction(async (txn) => {
      await txn.put("a", 1);
    });
    this.ctx.abort("stop");
  }

  async unconfirmed_put_abort() {
    this.ctx.storage.put("a", 1, { allowUnconfirmed: true });
    this.ctx.abort("stop");
  }

  async abort_in_transaction() {
    await this.ctx.storage.transaction(async (txn) => {
      await txn.put("a", 1);
      this.ctx.abort("stop");
    });
  }

  async put_throw() {
    this.ctx.storage.put("a", 1);
    throw new Error("stop");
  }

  async keys() {
    return [...(await this.ctx.storage.list()).keys()];
  }
}

const ATOMS = [
  "put_abort", "awaited_put_abort", "put_sleep_put_abort", "put_sync_put_abort",
  "transaction_abort", "unconfirmed_put_abort", "abort_in_transaction", "put_throw",
];

export default {
  async fetch(request, env) {
    const kept = {};
    for (const atom of ATOMS) {
      await env.SUBJECT.getByName(atom)[atom]().catch(() => {});
      kept[atom] = await env.SUBJECT.getByName(atom).keys();
    }
    return Response.json(kept);
  },
};
