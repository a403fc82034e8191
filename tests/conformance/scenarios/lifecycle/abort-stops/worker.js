import { DurableObject } from "cloudflare:workers";

let log = [];

export class Subject extends DurableObject {
  async note(text) {
    log.push(text);
    await this.ctx.storage.put(text, true);
  }

  async slow(peer) {
    try {
      await scheduler.wait(20);
      await this.note("slow went on");
    } finally {
      log.push("slow finally");
    }
  }

  async stop() {
    this.ctx.waitUntil(scheduler.wait(20).then(() => this.note("waitUntil went on")));
    setTimeout(() => this.note("timer went on"), 20);
    setInterval(() => this.note("interval went on"), 30);
    Promise.resolve().then(() => log.push("microtask went on"));
    scheduler.wait(1).then(() => log.push("short wait went on"));
    await this.note("before");
    await this.ctx.storage.sync();
    log.push("aborting");
    try {
      this.ctx.abort("stop");
      log.push("after abort");
    } catch {
      log.push("caught");
    } finally {
      log.push("finally");
    }
  }

  async stopNow() {
    this.ctx.abort("stop");
  }

  async keys() {
    return [...(await this.ctx.storage.list()).keys()];
  }
}

const outcome = (promise) => promise.catch((error) => `${error.message} ${error.durableObjectReset}`);

export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname === "/together") {
      const fresh = () => env.SUBJECT.getByName("c");
      await fresh().note("warm");
      const calls = [fresh().slow(), fresh().keys(), fresh().stopNow(), fresh().keys()];
      return Response.json(await Promise.all(calls.map(outcome)));
    }
    const stub = env.SUBJECT.getByName("a");
    const peer = env.SUBJECT.getByName("b");
    await peer.note("peer");
    const slow = outcome(stub.slow());
    const stop = await outcome(stub.stop());
    const atAbort = [...log];
    await scheduler.wait(60);
    return Response.json({
      stop, slow: await slow, went: log.slice(atAbort.length),
      logged: atAbort.filter((text) => text !== "microtask went on" && text !== "short wait went on"),
      kept: await env.SUBJECT.getByName("a").keys(), peer: await peer.keys(),
    });
  },
};
