import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  seen = [];

  async add(value) {
    this.seen.push(value);
    await this.ctx.storage.put(`k${value}`, value);
    return value * 2;
  }

  async log() {
    return this.seen;
  }
}

async function twenty(stub, first) {
  const calls = [];
  for (let i = 0; i < 20; i++) calls.push(stub.add(first + i));
  return Promise.all(calls);
}

export default {
  async fetch(request, env) {
    const stub = env.SUBJECT.getByName("foo");
    const cold = await twenty(stub, 0);
    const warm = await twenty(stub, 20);
    const several = [];
    for (let i = 40; i < 45; i++) several.push(env.SUBJECT.getByName("foo").add(i));
    await Promise.all(several);
    return Response.json({ cold, warm, seen: await stub.log() });
  },
};
