import { DurableObject } from "cloudflare:workers";

export class Other extends DurableObject {
  async fetch() {
    await scheduler.wait(15);
    return new Response("slow");
  }

  async slow() {
    await scheduler.wait(15);
    return "slow";
  }

  async back(name) {
    return this.env.SUBJECT.getByName(name).note("called back");
  }

  async ask(callback) {
    return `told ${await callback("question")}`;
  }

  async fail() {
    this.ctx.abort("other stopped");
  }
}

export class Subject extends DurableObject {
  log = [];

  async note(label) {
    this.log.push(label);
    return label;
  }

  get other() {
    return this.env.OTHER.getByName(this.ctx.id.name);
  }

  async slow_fetch() {
    this.log.push("start");
    const response = await this.other.fetch("http://x/");
    this.log.push(await response.text());
    return this.log;
  }

  async slow_call() {
    this.log.push("start");
    this.log.push(await this.other.slow());
    return this.log;
  }

  async calls_itself() {
    this.log.push("start");
    const me = this.env.SUBJECT.getByName(this.ctx.id.name);
    this.log.push(`got ${await me.note("by itself")}`);
    return this.log;
  }

  async called_back() {
    this.log.push("start");
    this.log.push(`got ${await this.other.back(this.ctx.id.name)}`);
    return this.log;
  }

  async callback() {
    this.log.push("start");
    const answer = await this.other.ask((question) => {
      this.log.push(question);
      return "answer";
    });
    this.log.push(answer);
    return this.log;
  }

  async together() {
    this.log.push("start");
    const me = this.env.SUBJECT.getByName(this.ctx.id.name);
    const calls = ["a", "b", "c"].map((label) => me.note(label));
    this.log.push("called");
    this.log.push((await Promise.all(calls)).join());
    return this.log;
  }

  async failing() {
    this.log.push("start");
    try {
      await this.other.fail();
    } catch (error) {
      this.log.push(`${error.message} ${error.durableObjectReset}`);
    }
    return this.log;
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    const stub = env.SUBJECT.getByName(method);
    const noisy = method.startsWith("slow");
    const [log] = await Promise.all([stub[method](), noisy ? stub.note("meanwhile") : null]);
    return Response.json(log);
  },
};
