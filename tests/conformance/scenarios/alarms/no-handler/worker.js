import { DurableObject } from "cloudflare:workers";

async function outcome(promise) {
  try {
    return (await promise) ?? null;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export class Subject extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.blockConcurrencyWhile(async () => {
      this.inSection = await outcome(ctx.storage.setAlarm(4102444800000));
    });
  }

  async run() {
    const { storage } = this.ctx;
    return [
      this.inSection,
      await storage.getAlarm(),
      await outcome(storage.setAlarm(4102444800000)),
      await outcome(storage.setAlarm(0)),
      await outcome(storage.setAlarm("x")),
      await outcome(storage.deleteAlarm()),
      await storage.getAlarm(),
    ];
  }
}

export default {
  async fetch(request, env) {
    return Response.json(await env.SUBJECT.getByName("foo").run());
  },
};
