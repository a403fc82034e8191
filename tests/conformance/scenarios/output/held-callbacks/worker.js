import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.sql = ctx.storage.sql;
    this.sql.exec("create table if not exists p(id integer primary key)");
    this.sql.exec("create table if not exists c(p references p(id) deferrable initially deferred)");
  }

  // Allowed until the commit.
  bad() {
    this.sql.exec("insert into c values(9)");
  }

  async good(callback) {
    await this.ctx.storage.put("x", 1);
    return callback("stored");
  }

  async bad_after(callback) {
    const answer = await callback("before");
    this.bad();
    return answer;
  }

  async bad_before(callback) {
    this.bad();
    return callback("after");
  }

  async answer_of_callback(callback) {
    await this.ctx.storage.put("x", 1);
    const answer = await callback("question");
    await this.ctx.storage.put("answer", answer);
    return this.ctx.storage.get("answer");
  }

  async kept() {
    let count = 0;
    return () => {
      count += 1;
      return count;
    };
  }

  async kept_until_reset() {
    return (how) => {
      if (how === "bad") this.bad();
      return how;
    };
  }
}

async function outcome(promise) {
  try {
    return await promise;
  } catch (error) {
    return { failed: error.message, reset: error.durableObjectReset ?? false };
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    const stub = env.SUBJECT.getByName(method);
    const out = { told: [] };
    if (method.startsWith("kept")) {
      const remote = await stub[method]();
      const words = method === "kept" ? ["a", "b"] : ["fine", "bad", "fine"];
      for (const word of words) out.told.push(await outcome(remote(word)));
      out.again = await outcome(remote("again"));
    } else {
      const callback = (word) => {
        out.told.push(word);
        return `answer to ${word}`;
      };
      out.result = await outcome(stub[method](callback));
    }
    await scheduler.wait(10);
    return Response.json(out);
  },
};
