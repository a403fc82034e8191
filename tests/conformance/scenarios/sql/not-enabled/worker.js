import { DurableObject } from "cloudflare:workers";

async function outcome(call) {
  try {
    return (await call()) ?? null;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export class Subject extends DurableObject {
  async sql() {
    const { storage } = this.ctx;
    return [typeof storage.sql, await outcome(() => storage.sql.exec("select 1").toArray()), await outcome(() => storage.sql.exec()), await outcome(() => storage.sql.databaseSize)];
  }

  async kv() {
    const { storage } = this.ctx;
    return [
      await outcome(() => typeof storage.kv), await outcome(() => storage.kv.get("a")), await outcome(() => storage.kv.put("a", 1)),
      await outcome(() => storage.kv.delete("a")), await outcome(() => [...storage.kv.list()]),
    ];
  }

  async transaction_sync() {
    const { storage } = this.ctx;
    const out = [await outcome(() => storage.transactionSync(() => { storage.put("a", 1); return "done"; }))];
    out.push(await outcome(() => storage.transactionSync(() => { storage.put("b", 1); throw new RangeError("undo"); })));
    out.push(await outcome(() => storage.transactionSync()), await outcome(() => storage.transactionSync("x")));
    out.push([...(await storage.list()).keys()]);
    return out;
  }

  async bookmarks() {
    const { storage } = this.ctx;
    return [
      (await outcome(() => storage.getBookmarkForTime(new Date()))), await outcome(() => storage.onNextSessionRestoreBookmark("x")),
      await outcome(() => storage.getBookmarkForTime()), await outcome(() => storage.onNextSessionRestoreBookmark()),
    ];
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    return Response.json(await env.SUBJECT.getByName(method)[method]());
  },
};
