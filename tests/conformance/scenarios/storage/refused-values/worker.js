import { DurableObject, RpcTarget } from "cloudflare:workers";

export class Subject extends DurableObject {
  async refused(values) {
    const out = {};
    for (const [name, value] of Object.entries(values)) {
      try {
        await this.ctx.storage.put("bad", value);
        out[name] = "stored";
      } catch (error) {
        out[name] = `${error.name} ${error.code ?? ""}: ${error.message}`;
      }
    }
    out.left = [...(await this.ctx.storage.list()).keys()];
    return out;
  }

  async language() {
    return this.refused({
      symbol: Symbol("s"),
      weakMap: new WeakMap(),
      weakSet: new WeakSet(),
      weakRef: new WeakRef({}),
      setIterator: new Set().values(),
      arrayIterator: [][Symbol.iterator](),
    });
  }

  async platform() {
    const { readable, writable } = new TransformStream();
    return this.refused({
      readable,
      writable,
      response: new Response("x"),
      emptyResponse: new Response(null),
      url: new URL("http://x/"),
      params: new URLSearchParams("a=1"),
      encoder: new TextEncoder(),
      controller: new AbortController(),
      event: new Event("x"),
      target: new EventTarget(),
      request: new Request("http://x/", { method: "POST", body: "x" }),
      form: new FormData(),
      socket: new WebSocketPair()[0],
      pair: new WebSocketRequestResponsePair("a", "b"),
    });
  }

  async bindings() {
    return this.refused({
      id: this.ctx.id,
      namespace: this.env.OTHER,
      storage: this.ctx.storage,
      state: this.ctx,
      cursorless: this.ctx.storage.sql,
    });
  }

  async emptied() {
    const out = {};
    for (const [name, value] of Object.entries({ request: new Request("http://x/"), headers: new Headers({ a: "b" }), blob: new Blob(["x"]), math: Math, json: JSON })) {
      await this.ctx.storage.put("emptied", value);
      out[name] = Object.keys(await this.ctx.storage.get("emptied"));
    }
    return out;
  }

  async several() {
    const { storage } = this.ctx;
    await storage.put("before", 1);
    const out = [];
    for (const entries of [{ a: 1, b: Symbol("s") }, { a: 1, b: { deep: [Symbol("t")] } }]) {
      try {
        await storage.put(entries);
        out.push("stored");
      } catch (error) {
        out.push(`${error.name}: ${error.message}`);
      }
    }
    out.push([...(await storage.list()).keys()].join());
    return out;
  }

  async throwing() {
    const value = {};
    Object.defineProperty(value, "bad", { enumerable: true, get() { return Symbol("from a getter"); } });
    return this.refused({ getter: value, nested: [{ value }], map: new Map([["k", Symbol("in a map")]]), set: new Set([Symbol("in a set")]) });
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    return Response.json(await env.SUBJECT.getByName(method)[method]());
  },
};
