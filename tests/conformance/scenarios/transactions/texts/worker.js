import { DurableObject } from "cloudflare:workers";

async function failure(call) {
  try {
    await call();
    return null;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

async function all(txn) {
  return {
    get: await failure(() => txn.get("a")),
    put: await failure(() => txn.put("a", 1)),
    delete: await failure(() => txn.delete("a")),
    list: await failure(() => txn.list()),
    getAlarm: await failure(() => txn.getAlarm()),
    setAlarm: await failure(() => txn.setAlarm(4102444800000)),
    deleteAlarm: await failure(() => txn.deleteAlarm()),
  };
}

export class Subject extends DurableObject {
  async rolled_back() {
    return this.ctx.storage.transaction(async (txn) => {
      txn.rollback();
      return all(txn);
    });
  }

  async committed() {
    let escaped;
    await this.ctx.storage.transaction(async (txn) => {
      escaped = txn;
    });
    return { ...(await all(escaped)), rollback: await failure(() => escaped.rollback()) };
  }

  async outer_rollback() {
    return this.ctx.storage.transaction(async (outer) =>
      this.ctx.storage.transaction(async () => failure(() => outer.rollback())),
    );
  }

  async delete_all() {
    return this.ctx.storage.transaction(async (txn) => failure(() => txn.deleteAll()));
  }

  async no_closure() {
    return failure(() => this.ctx.storage.transaction());
  }

  async alarm() {}
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    return Response.json(await env.SUBJECT.getByName(method)[method]());
  },
};
