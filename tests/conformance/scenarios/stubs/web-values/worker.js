import { DurableObject } from "cloudflare:workers";

const stream = (text) => new Blob([text]).stream();

async function outcome(call) {
  try {
    return await call();
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export class Subject extends DurableObject {
  async request(given) {
    return [given.method, given.url, given.headers.get("x-a"), given.redirect, await given.text()];
  }

  async response(given) {
    return [given.status, given.statusText, given.headers.get("x-a"), given.url, await given.text()];
  }

  async headers(given) {
    return [...given].map(([name, value]) => `${name}=${value}`);
  }

  async stream(given) {
    return new Response(given).text();
  }

  async both(left, right) {
    return (await new Response(right).text()) + (await new Response(left).text());
  }

  async makeRequest() {
    return new Request("http://a/b", { method: "POST", headers: { "x-a": "1" }, body: "sent" });
  }

  async makeResponse() {
    return new Response("made", { status: 201, statusText: "Mine", headers: { "x-a": "2" } });
  }

  async makeHeaders() {
    return new Headers([["x-a", "1"], ["x-a", "2"], ["set-cookie", "c=1"], ["set-cookie", "d=2"]]);
  }

  async makeStream(text) {
    return stream(text);
  }

  async echo(value) {
    return value;
  }

  async nested() {
    return { body: stream("nested"), list: [new Response("inner")] };
  }
}

export default {
  async fetch(request, env) {
    const stub = env.SUBJECT.getByName("foo");
    const out = {};
    const headers = { "x-a": "1" };
    out.request = await stub.request(new Request("http://x/y#z", { method: "PUT", headers, body: "b" }));
    out.plainRequest = await stub.request(new Request("http://x/", { redirect: "manual" }));
    out.streamRequest = await stub.request(new Request("http://x/", { method: "POST", body: stream("s") }));
    out.response = await stub.response(new Response("b", { status: 202, statusText: "T", headers }));
    out.emptyResponse = await stub.response(new Response(null, { status: 204 }));
    out.headers = await stub.headers(new Headers([["B", "1"], ["a", "2"], ["b", "3"]]));
    out.stream = await stub.stream(stream("hello"));
    out.long = (await stub.stream(stream("x".repeat(300_000)))).length;
    out.both = await stub.both(stream("left"), stream("right"));
    const made = await stub.makeRequest();
    out.madeRequest = [made.method, made.url, made.headers.get("x-a"), await made.text()];
    const answer = await stub.makeResponse();
    out.madeResponse = [answer.status, answer.statusText, answer.headers.get("x-a"), answer.url, await answer.text()];
    const given = await stub.makeHeaders();
    out.madeHeaders = [given.get("x-a"), given.getSetCookie()];
    out.madeStream = await new Response(await stub.makeStream("made")).text();
    out.through = await new Response(await stub.echo(stream("there and back"))).text();
    const nested = await stub.nested();
    out.nested = [await new Response(nested.body).text(), await nested.list[0].text()];
    const once = stream("once");
    await stub.stream(once);
    out.again = await outcome(() => stub.stream(once));
    const used = new Response("used");
    await used.text();
    out.used = await outcome(() => stub.response(used));
    const sent = new Request("http://x/", { method: "POST", body: "b" });
    await stub.request(sent);
    out.sentAgain = await outcome(() => stub.request(sent));
    out.usedAfter = [sent.bodyUsed, once.locked];
    out.errorResponse = await outcome(() => stub.response(Response.error()));
    return Response.json(out);
  },
};
