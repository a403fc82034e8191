import { DurableObject } from "cloudflare:workers";

const LATER = 4102444800000;

export class Subject extends DurableObject {
  async alarm() {
    this.ctx.storage.put("ran", ((await this.ctx.storage.get("ran")) ?? 0) + 1);
  }

  async state() {
    const alarm = await this.ctx.storage.getAlarm();
    return { ran: (await this.ctx.storage.get("ran")) ?? 0, left: alarm === null ? null : alarm >= LATER ? alarm - LATER : "past" };
  }

  async act(kind) {
    const { storage } = this.ctx;
    const abort = () => this.ctx.abort("stopped");
    switch (kind) {
      case "set_and_abort":
        await storage.setAlarm(LATER);
        return abort();
      case "set_and_wait_and_abort":
        await storage.setAlarm(LATER);
        await scheduler.wait(2);
        return abort();
      case "set_and_sync_and_abort":
        storage.setAlarm(LATER);
        await storage.sync();
        storage.setAlarm(LATER + 5);
        return abort();
      case "set_and_throw":
        await storage.setAlarm(LATER);
        throw new Error("own");
      case "due_and_abort":
        await storage.setAlarm(1);
        return abort();
      case "due_and_delete":
        await storage.setAlarm(1);
        await storage.deleteAlarm();
        return;
      case "due_and_rolled_back":
        return storage.transaction(async (txn) => {
          await txn.setAlarm(1);
          await scheduler.wait(10);
          txn.rollback();
        });
      case "due_and_sync_thrown":
        try {
          storage.transactionSync(() => {
            storage.setAlarm(1);
            throw new Error("undo");
          });
        } catch {}
        return;
      case "delete_and_abort":
        await storage.setAlarm(LATER);
        await storage.sync();
        await storage.deleteAlarm();
        return abort();
      case "move_and_abort":
        await storage.setAlarm(LATER);
        await storage.sync();
        await storage.setAlarm(1);
        return abort();
      case "move_and_roll_back":
        await storage.setAlarm(LATER);
        return storage.transaction(async (txn) => {
          await txn.setAlarm(1);
          txn.rollback();
        });
      case "deleted_with_all":
        await storage.setAlarm(LATER);
        await storage.deleteAll();
        return;
      case "deleted_with_all_and_set":
        await storage.setAlarm(1);
        await storage.deleteAll();
        await storage.setAlarm(LATER + 7);
        return;
      case "many":
        for (let i = 0; i < 50; i++) storage.setAlarm(LATER + i);
        return;
      case "committed_in_transaction":
        await storage.transaction((txn) => txn.setAlarm(1));
    }
  }
}

export default {
  async fetch(request, env) {
    const kind = new URL(request.url).pathname.slice(1);
    let failed = null;
    try {
      await env.SUBJECT.getByName(kind).act(kind);
    } catch (error) {
      failed = error.durableObjectReset ?? "thrown";
    }
    await scheduler.wait(40);
    return Response.json({ failed, ...(await env.SUBJECT.getByName(kind).state()) });
  },
};
