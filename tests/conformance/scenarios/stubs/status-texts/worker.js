import { DurableObject } from "cloudflare:workers";

const GIVEN = ["Fine", "", " ", "OK", "Not Found", "a  b", "~!@#"];

export class Subject extends DurableObject {
  async fetch(request) {
    const { searchParams } = new URL(request.url);
    const init = { status: Number(searchParams.get("status")) };
    if (searchParams.has("text")) init.statusText = searchParams.get("text");
    return new Response(null, init);
  }
}

function local() {
  const made = {
    plain: new Response(""), missing: new Response("", { status: 404 }),
    odd: new Response("", { status: 299 }), empty: new Response("", { statusText: "" }),
    undefined: new Response("", { status: 201, statusText: undefined }),
    given: new Response("", { status: 201, statusText: "Mine" }),
    json: Response.json({}, { status: 202 }), redirect: Response.redirect("http://a/"),
    error: Response.error(), copied: new Response("", new Response("", { status: 410 })),
    copiedGiven: new Response("", new Response("", { status: 410, statusText: "Off" })),
    clone: new Response("", { status: 203 }).clone(),
  };
  return Object.fromEntries(Object.entries(made).map(([key, value]) => [key, value.statusText]));
}

export default {
  async fetch(request, env) {
    const stub = env.SUBJECT.getByName("foo");
    const ask = async (query) =>
      (await stub.fetch(`http://object/?${query}`, { redirect: "manual" })).statusText;
    const out = {};
    if (new URL(request.url).pathname === "/local") return Response.json(local());
    if (new URL(request.url).pathname === "/default") {
      for (let status = 200; status < 600; status++) {
        (out[await ask(`status=${status}`)] ??= []).push(status);
      }
    } else {
      for (const text of GIVEN) {
        for (const status of [200, 404]) {
          out[`${status} ${text}`] = await ask(`status=${status}&text=${encodeURIComponent(text)}`);
        }
      }
    }
    return Response.json(out);
  },
};
