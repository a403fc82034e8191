import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  calls = 0;

  async ping(from) {
    this.calls += 1;
    return `${this.ctx.id.name} from ${from} ${this.calls}`;
  }

  async fetch(request) {
    return new Response(`${this.ctx.id.name} ${new URL(request.url).pathname}`);
  }

  async stop() {
    this.ctx.abort("stopped");
  }

  async use(peer) {
    const answer = await peer.fetch("http://peer/path");
    return [await peer.ping(this.ctx.id.name), await answer.text(), peer.constructor.name];
  }

  async useNested(given) {
    return given.list[0].ping("nested");
  }

  async give(name) {
    return this.env.SUBJECT.getByName(name);
  }

  async passOn(peer, through) {
    return this.env.SUBJECT.getByName(through).use(peer);
  }

  async selfCall(myself) {
    return myself.ping("self");
  }

  async usesStopped(peer) {
    const out = [];
    for (let i = 0; i < 2; i++) out.push(await peer.ping("x").catch((error) => error.message));
    return out;
  }
}

export default {
  async fetch(request, env) {
    const [a, b] = [env.SUBJECT.getByName("a"), env.SUBJECT.getByName("b")];
    const given = await a.give("b");
    const out = {
      use: await a.use(b), nested: await a.useNested({ list: [b] }), given: await given.ping("given"),
      fetched: await (await given.fetch("http://x/y")).text(),
      passedOn: await a.passOn(b, "c"), self: await a.selfCall(a),
      givenBack: await a.use(await b.give("b")),
    };
    await b.stop().catch(() => {});
    out.stopped = await a.usesStopped(b);
    out.fresh = await a.usesStopped(env.SUBJECT.getByName("b"));
    return Response.json(out);
  },
};
