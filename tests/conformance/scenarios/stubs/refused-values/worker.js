import { DurableObject } from "cloudflare:workers";

class Thing {
  value = 1;
}

const VALUES = {
  ctx: ({ ctx }) => ctx, storage: ({ ctx }) => ctx.storage, id: ({ id }) => id,
  namespace: ({ env }) => env.SUBJECT, env: ({ env }) => env,
  promiseInList: () => [Promise.resolve(1)],
  weakMap: () => new WeakMap(), url: () => new URL("http://a/"),
  parameters: () => new URLSearchParams("a=1"), abort: () => new AbortController(),
  signal: () => new AbortController().signal,
  encoder: () => new TextEncoder(), form: () => new FormData(), event: () => new Event("x"),
  writer: () => new TransformStream().writable.getWriter(),
  reader: () => new Blob([]).stream().getReader(),
  lockedStream: () => {
    const stream = new Blob([]).stream();
    stream.getReader();
    return stream;
  },
  transform: () => new TransformStream(),
  nested: ({ id }) => ({ a: [{ b: id }] }), inMap: ({ id }) => new Map([["a", id]]),
};

async function outcome(call) {
  try {
    return `sent ${typeof (await call())}`;
  } catch (error) {
    const flags = `remote=${error.remote === true} id=${error.durableObjectId !== undefined}`;
    return `${error.name}: ${error.message} ${flags}`;
  }
}

export class Subject extends DurableObject {
  calls = 0;

  async echo(value) {
    this.calls += 1;
    return null;
  }

  async make(key) {
    return VALUES[key]({ ctx: this.ctx, env: this.env, id: this.ctx.id });
  }

  async count() {
    return this.calls;
  }
}

export default {
  async fetch(request, env, ctx) {
    const stub = env.SUBJECT.getByName("foo");
    const { pathname } = new URL(request.url);
    const out = {};
    for (const [key, make] of Object.entries(VALUES)) {
      if (pathname === "/after") break;
      if (pathname === "/arguments" && key === "storage") continue;
      out[key] = await outcome(() =>
        pathname === "/arguments" ? stub.echo(make({ ctx, env, id: stub.id })) : stub.make(key),
      );
    }
    out.calls = await stub.count();
    return Response.json(out);
  },
};
