import { DurableObject } from "cloudflare:workers";

const encoded = (text) => new TextEncoder().encode(text);

export class Subject extends DurableObject {
  log = [];

  async fetch(request) {
    const how = new URL(request.url).pathname.slice(1);
    if (how === "upload") {
      const reader = request.body.getReader();
      let text = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        text += new TextDecoder().decode(value);
      }
      return new Response(`got ${text}`);
    }
    const { readable, writable } = new IdentityTransformStream();
    this.ctx.waitUntil(this.write(writable.getWriter(), how));
    return new Response(readable);
  }

  async write(writer, how) {
    try {
      await writer.write(encoded("one "));
      this.log.push("one written");
      await scheduler.wait(5);
      if (how === "failed") {
        await writer.abort(new TypeError("broken off"));
        return;
      }
      if (how === "reset") this.ctx.abort("reset while sending");
      await writer.write(encoded("two"));
      this.log.push("two written");
      await writer.close();
      this.log.push("closed");
    } catch (error) {
      this.log.push(error === undefined ? "cancelled" : "write failed");
    }
  }

  async read() {
    await scheduler.wait(20);
    return this.log;
  }
}

async function pieces(body, limit = 100) {
  const reader = body.getReader();
  let text = "";
  try {
    for (let i = 0; i < limit; i++) {
      const { done, value } = await reader.read();
      if (done) return { text, done };
      text += new TextDecoder().decode(value);
    }
    await reader.cancel(new Error("enough"));
    return { text, done: false };
  } catch (error) {
    return { text, name: error.name, message: error.message, reset: error.durableObjectReset === true };
  }
}

export default {
  async fetch(request, env) {
    const how = new URL(request.url).pathname.slice(1);
    const stub = env.SUBJECT.getByName(how);
    if (how === "upload") {
      const { readable, writable } = new IdentityTransformStream();
      const writer = writable.getWriter();
      const answer = stub.fetch("http://object/upload", { method: "POST", body: readable });
      await writer.write(encoded("a"));
      await scheduler.wait(5);
      await writer.write(encoded("b"));
      await writer.close();
      return Response.json(await (await answer).text());
    }
    const answer = await stub.fetch(`http://object/${how}`);
    const got = await pieces(answer.body, how === "cancelled" ? 1 : 100);
    const log = how === "reset" ? [] : await env.SUBJECT.getByName(how).read();
    return Response.json({ got, log });
  },
};
