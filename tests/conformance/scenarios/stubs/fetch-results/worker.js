import { DurableObject } from "cloudflare:workers";

const ANSWERS = {
  undefined: () => undefined, nothing: () => null, text: () => "text", number: () => 5,
  object: () => ({ status: 200 }), list: () => [], request: () => new Request("http://a/"),
  errorResponse: () => Response.error(),
  used: async () => {
    const response = new Response("used");
    await response.text();
    return response;
  },
  locked: () => {
    const response = new Response("locked");
    response.body.getReader();
    return response;
  },
  twice: () => twice, twiceAgain: () => twice,
  nullBody: () => new Response(null), noBody: () => new Response(),
  noContent: () => new Response(null, { status: 204 }),
  notModified: () => new Response(null, { status: 304, headers: { etag: "x" } }),
  teapot: () => new Response("short", { status: 418, statusText: "Short and stout" }),
  noText: () => new Response("", { status: 599 }),
  redirect: () => Response.redirect("http://a/b", 307),
  cookies: () => {
    const headers = new Headers([["set-cookie", "a=1"], ["set-cookie", "b=2"], ["x-a", "1"], ["x-a", "2"]]);
    return new Response("", { headers });
  },
  stream: () => new Response(new Blob(["streamed"]).stream(), { headers: { "x-a": "s" } }),
  clone: () => new Response("cloned").clone(),
  changed: () => new Response("changed", new Response("", { status: 201, headers: { "x-a": "c" } })),
};
let twice;

export class Subject extends DurableObject {
  async fetch(request) {
    twice ??= new Response("twice");
    return ANSWERS[new URL(request.url).pathname.slice(1)]();
  }
}

async function outcome(stub, key, method = "GET") {
  try {
    const answer = await stub.fetch(`http://object/${key}`, { redirect: "manual", method });
    return {
      status: answer.status, text: answer.statusText, ok: answer.ok, body: await answer.text(),
      type: answer.headers.get("content-type"), a: answer.headers.get("x-a"),
      cookies: answer.headers.getSetCookie(), used: answer.bodyUsed, url: answer.url,
      kind: answer.type, redirected: answer.redirected, hasBody: answer.body !== null,
    };
  } catch (error) {
    return [`${error.name}: ${error.message}`, error.remote ?? null, error.retryable ?? null];
  }
}

export default {
  async fetch(request, env) {
    const stub = env.SUBJECT.getByName("foo");
    const out = {};
    for (const key of Object.keys(ANSWERS)) out[key] = await outcome(stub, key);
    for (const key of ["teapot", "nullBody", "stream", "noContent"]) {
      out[`head ${key}`] = await outcome(stub, key, "HEAD");
    }
    return Response.json(out);
  },
};
