import { DurableObject } from "cloudflare:workers";

async function failure(call) {
  try {
    const value = await call();
    return { value: value instanceof Map ? [...value.keys()].join() : value ?? null };
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export class Subject extends DurableObject {
  async run() {
    const { storage } = this.ctx;
    await storage.put({ a: 1, b: 2, c: 3 });
    return {
      getNothing: await failure(() => storage.get()),
      deleteNothing: await failure(() => storage.delete()),
      putNothing: await failure(() => storage.put()),
      putNoValue: await failure(() => storage.put("u")),
      putNumberNoValue: await failure(() => storage.put(7)),
      putEntriesAndValue: await failure(() => storage.put({ a: 1 }, 5)),
      startAndStartAfter: await failure(() => storage.list({ start: "a", startAfter: "a" })),
      limitZero: await failure(() => storage.list({ limit: 0 })),
      limitNegative: await failure(() => storage.list({ limit: -1 })),
      limitNaN: await failure(() => storage.list({ limit: NaN })),
      limitWord: await failure(() => storage.list({ limit: "many" })),
      limitFraction: await failure(() => storage.list({ limit: 2.7 })),
      limitText: await failure(() => storage.list({ limit: "2" })),
      limitTooLarge: await failure(() => storage.list({ limit: 1e6 })),
      unknownOption: await failure(() => storage.list({ unknown: 1 })),
    };
  }

  async put_undefined() {
    return failure(() => this.ctx.storage.put("u", undefined));
  }

  async skip_undefined() {
    await this.ctx.storage.put({ x: 1, y: undefined });
    return failure(() => this.ctx.storage.list());
  }

  async half_bad_put() {
    await this.ctx.storage.put({ x: 1, y: () => 1 }).catch(() => {});
    return failure(() => this.ctx.storage.list());
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    return Response.json(await env.SUBJECT.getByName(method)[method]());
  },
};
