import { DurableObject } from "cloudflare:workers";

const USAGE =
  "Select a Durable Object to contact by using the `name` URL query string parameter. e.g. ?name=A";

export class Counter extends DurableObject {
  async getCounterValue() {
    return (await this.ctx.storage.get("value")) || 0;
  }

  async increment(amount = 1) {
    const value = (await this.getCounterValue()) + amount;
    await this.ctx.storage.put("value", value);
    return value;
  }

  async decrement(amount = 1) {
    return this.increment(-amount);
  }
}

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const name = url.searchParams.get("name");
    if (!name) return new Response(USAGE);

    const counter = env.COUNTERS.getByName(name);
    let count;
    switch (url.pathname) {
      case "/increment":
        count = await counter.increment();
        break;
      case "/decrement":
        count = await counter.decrement();
        break;
      case "/":
        count = await counter.getCounterValue();
        break;
      default:
        return new Response("Not found", { status: 404 });
    }
    return new Response(`Durable Object '${name}' count: ${count}`);
  },
};
