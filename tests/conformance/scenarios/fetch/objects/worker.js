import { DurableObject } from "cloudflare:workers";
const describe = (error) => (error instanceof Error || error?.name ? `${error.name}: ${error.message}` : `${error}`);

async function attempt(run) {
  try {
    return await run();
  } catch (error) {
    return describe(error);
  }
}

export class Subject extends DurableObject {
  async fetch(request) {
    const origin = request.headers.get("x-origin");
    const response = await fetch(`${origin}/echo`, { method: "POST", body: "from the object" });
    return Response.json((await response.json()).body);
  }
  async interleaved(origin) {
    const log = [];
    await this.ctx.storage.put("n", 1);
    const response = await fetch(`${origin}/echo`);
    log.push(await this.ctx.storage.get("n"));
    await response.text();
    return log;
  }
  async set(n) { await this.ctx.storage.put("n", n); return n; }
  async passing(url) { return fetch(url); }
  async failing(url) { return attempt(() => fetch(url)); }
  async received(response) { return [response.status, response.url, await response.text()]; }
}
export default {
  async fetch(request, env) {
    const origin = request.headers.get("x-origin");
    const stub = env.SUBJECT.get(env.SUBJECT.idFromName("one"));
    const passed = await stub.passing(`${origin}/answer?status=201&reason=Fine&body=passed&header=X-A:1`);
    return Response.json({
      fetched: await (await stub.fetch(request)).json(),
      interleaved: await stub.interleaved(origin),
      passed: [passed.status, passed.statusText, passed.url, [...passed.headers], await passed.text()],
      given: await attempt(async () => stub.received(await fetch(`${origin}/answer?body=given`))),
      failing: await stub.failing(request.headers.get("x-refused")),
      fetcher: await attempt(async () => (await fetch(`${origin}/anything`, { fetcher: stub, headers: { "x-origin": origin } })).json()),
    });
  },
};
