import { DurableObject } from "cloudflare:workers";

const plain = (value) => (value instanceof ArrayBuffer ? { bytes: [...new Uint8Array(value)] } : value ?? null);
const row = (object) => Object.fromEntries(Object.entries(object).map(([k, v]) => [k, plain(v)]));

function outcome(call) {
  try {
    return call() ?? null;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export class Subject extends DurableObject {
  sql = this.ctx.storage.sql;

  rows(sql, ...bindings) {
    return outcome(() => this.sql.exec(sql, ...bindings).toArray().map(row));
  }

  async bookmarks() {
    const { storage } = this.ctx;
    const failure = (promise) => promise.then(() => null, (error) => `${error.name}: ${error.message}`);
    return [
      await storage.getCurrentBookmark(), await storage.getCurrentBookmark(),
      await failure(storage.getBookmarkForTime(5)), await failure(storage.onNextSessionRestoreBookmark("x")),
    ];
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    try {
      return Response.json(await env.SUBJECT.getByName("subject")[method]());
    } catch (error) {
      const message = error.message.replace(/reference = \w+/, "reference = ...");
      return Response.json({ failed: message, reset: error.durableObjectReset ?? false });
    }
  },
};
