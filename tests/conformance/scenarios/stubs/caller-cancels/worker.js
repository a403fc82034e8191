import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  log = [];

  async fetch(request) {
    this.log.push("start");
    if (request.url.endsWith("stream")) {
      const { readable, writable } = new IdentityTransformStream();
      const writer = writable.getWriter();
      writer.write(new TextEncoder().encode("first")).catch(() => {});
      this.ctx.waitUntil(
        scheduler.wait(100).then(async () => {
          this.log.push("end");
          await writer.close().catch(() => this.log.push("cannot close"));
        }),
      );
      return new Response(readable);
    }
    await scheduler.wait(60);
    await this.ctx.storage.put("done", true);
    this.log.push("end");
    return new Response("done");
  }

  async result() {
    for (let i = 0; i < 50 && this.log.includes("start") && !this.log.includes("end"); i++) {
      await scheduler.wait(10);
    }
    return [this.log, (await this.ctx.storage.get("done")) ?? null];
  }
}

const SEND = {
  abort(stub, controller) {
    setTimeout(() => controller.abort(), 20);
    return stub.fetch("http://object/", { signal: controller.signal });
  },
  reason(stub, controller) {
    setTimeout(() => controller.abort(new TypeError("enough")), 20);
    return stub.fetch("http://object/", { signal: controller.signal });
  },
  before(stub, controller) {
    controller.abort();
    return stub.fetch("http://object/", { signal: controller.signal });
  },
  timeout(stub) {
    return stub.fetch("http://object/", { signal: AbortSignal.timeout(20) });
  },
  async late(stub, controller) {
    const answer = await stub.fetch("http://object/", { signal: controller.signal });
    controller.abort();
    return answer;
  },
  async streamed(stub, controller) {
    const answer = await stub.fetch("http://object/stream", { signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    return answer;
  },
  clone(stub, controller) {
    setTimeout(() => controller.abort(), 20);
    return stub.fetch(new Request("http://object/", { signal: controller.signal }));
  },
};

function reasons() {
  const controller = new AbortController();
  controller.abort();
  const given = new AbortController();
  given.abort(new Error("mine"));
  const shown = (reason) => [reason.name, reason.message, reason.retryable ?? null];
  return [controller.signal, AbortSignal.abort(), given.signal].map((signal) => shown(signal.reason));
}

async function outcome(call) {
  try {
    return await (await call).text();
  } catch (error) {
    const flags = ["remote", "retryable", "overloaded", "durableObjectReset"];
    return [error.name, error.message, error.constructor.name, ...flags.filter((flag) => error[flag] === true)];
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    const stub = env.SUBJECT.getByName(method);
    if (method === "reasons") return Response.json(reasons());
    const answer = await outcome(SEND[method](stub, new AbortController()));
    return Response.json({ answer, object: await stub.result() });
  },
};
