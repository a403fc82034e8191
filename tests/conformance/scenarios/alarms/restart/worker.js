import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  async set() {
    await this.ctx.storage.setAlarm(Date.now() + 300);
  }

  async note(text) {
    await this.ctx.storage.put("noted", text);
  }

  async noted() {
    for (let i = 0; i < 300; i++) {
      const noted = await this.ctx.storage.get("noted");
      if (noted) return noted;
      await scheduler.wait(10);
    }
    return null;
  }

  async alarm(info) {
    const left = await this.ctx.storage.getAlarm();
    await this.env.SUBJECT.getByName("log").note([this.ctx.id.name, info.retryCount, left]);
  }
}

export default {
  async fetch(request, env) {
    const [, name, method] = new URL(request.url).pathname.split("/");
    const stub = env.SUBJECT.getByName(name);
    return Response.json((await (method ? stub.set() : stub.noted())) ?? null);
  },
};
