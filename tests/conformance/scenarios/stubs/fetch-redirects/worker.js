import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  async fetch(request) {
    const url = new URL(request.url);
    const status = Number(url.searchParams.get("status") ?? 302);
    const body = await request.text();
    const to = (location) => new Response("moved", { status, headers: { location } });
    switch (url.pathname) {
      case "/relative": return to("end?from=relative");
      case "/absolute": return to("https://other:81/end");
      case "/loop": return to("/loop");
      case "/count": {
        const left = Number(url.searchParams.get("n"));
        return left ? to(`/count?n=${left - 1}`) : to("/end");
      }
      case "/noLocation": return new Response("moved", { status });
      case "/badLocation": return to("http://");
      case "/otherScheme": return to("ftp://object/end");
      case "/empty": return to("");
      case "/fragment": return to("/end#new");
    }
    return Response.json({
      url: request.url, method: request.method, body, type: request.headers.get("content-type"),
      authorization: request.headers.get("authorization"), test: request.headers.get("x-test"),
    });
  }
}

async function outcome(stub, path, init) {
  try {
    const answer = await stub.fetch(`http://object/${path}`, init?.());
    const text = await answer.text();
    const end = text.startsWith("{") ? JSON.parse(text) : text;
    return [answer.status, answer.url, answer.redirected, answer.headers.get("location"), end];
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

const headers = { authorization: "secret", "x-test": "1" };
const post = () => ({ method: "POST", body: "hello", headers });
const put = () => ({ method: "PUT", body: "hello", headers });
const streamed = () => ({ method: "PUT", body: new Blob(["hello"]).stream() });
const streamedPost = () => ({ method: "POST", body: new Blob(["hello"]).stream() });

const ROWS = {
  relative: ["relative"], absolute: ["absolute", () => ({ headers })],
  sameOrigin: ["relative", () => ({ headers })], fragment: ["fragment"],
  manual: ["relative", () => ({ redirect: "manual" })],
  follow: ["relative", () => ({ redirect: "follow" })],
  twenty: ["count?n=19"], twentyOne: ["count?n=20"], loop: ["loop"],
  noLocation: ["noLocation"], badLocation: ["badLocation"], empty: ["empty"],
  otherScheme: ["otherScheme"],
  status300: ["relative?status=300"], status304: ["end"],
  post301: ["relative?status=301", post], post302: ["relative?status=302", post],
  post303: ["relative?status=303", post], post307: ["relative?status=307", post],
  post308: ["relative?status=308", post],
  put301: ["relative?status=301", put], put303: ["relative?status=303", put],
  put307: ["relative?status=307", put],
  head303: ["relative?status=303", () => ({ method: "HEAD" })],
  streamed302: ["relative?status=302", streamedPost], streamed307: ["relative?status=307", streamed],
  streamed303: ["relative?status=303", streamed],
  manualStreamed: ["relative?status=307", () => ({ ...streamed(), redirect: "manual" })],
};

export default {
  async fetch(request, env) {
    const stub = env.SUBJECT.getByName("foo");
    const out = {};
    for (const [key, [path, init]] of Object.entries(ROWS)) out[key] = await outcome(stub, path, init);
    return Response.json(out);
  },
};
