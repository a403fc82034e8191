import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  async fetch(request) {
    const type = request.headers.get("content-type");
    return Response.json({
      method: request.method, url: request.url, headers: request.headers.get("x-test"),
      type: type && type.split("boundary")[0], body: await request.text(),
      redirect: request.redirect, isRequest: request instanceof Request,
    });
  }
}

const U = "http://object/p";

const FORMS = {
  text: () => [U],
  url: () => [new URL(U)],
  request: () => [new Request(U, { method: "PUT", headers: { "x-test": "1" }, body: "b" })],
  requestAndInit: () => [
    new Request(U, { method: "PUT", headers: { "x-test": "1" }, body: "b" }),
    { method: "DELETE", headers: { "x-test": "2" } },
  ],
  requestAndBody: () => [new Request(U, { method: "PUT", body: "b" }), { body: "other" }],
  emptyInit: () => [U, {}],
  undefinedInit: () => [U, undefined],
  nullInit: () => [U, null],
  objectHeaders: () => [U, { headers: { "x-test": "1" } }],
  pairHeaders: () => [U, { headers: [["x-test", "1"], ["X-Test", "2"]] }],
  headers: () => [U, { headers: new Headers({ "X-TEST": " padded " }) }],
  lowerMethod: () => [U, { method: "put" }],
  customMethod: () => [U, { method: "PURGE" }],
  head: () => [U, { method: "OPTIONS" }],
  manual: () => [U, { redirect: "manual" }],
};

const stream = () => new Blob(["streamed"]).stream();
const form = () => {
  const data = new FormData();
  data.append("a", "1");
  return data;
};

const BODIES = {
  text: () => "text", empty: () => "", bytes: () => new TextEncoder().encode("bytes"),
  buffer: () => new TextEncoder().encode("buffer").buffer,
  parameters: () => new URLSearchParams({ a: "1 2", b: "é" }),
  blob: () => new Blob(["blob"], { type: "text/x-blob" }), plainBlob: () => new Blob(["blob"]),
  stream, nothing: () => null, undefined: () => undefined, number: () => 5,
};

const URLS = {
  upper: "HTTP://OBJECT/P", port: "https://object:443/", otherPort: "https://object:80/",
  dots: "http://object/a/../b/./c", query: "http://object?q=a b", fragment: "http://object/#frag",
  credentials: "http://user:pass@object/", unicode: "http://ex\u00e4mple/\u00e4",
  spaces: "  http://object/  ", backslash: "http:\\\\object\\p", otherScheme: "ftp://object/",
};

const ERRORS = {
  getWithBody: () => [U, { body: "b" }],
  headWithBody: () => [U, { method: "HEAD", body: "b" }],
  badMethod: () => [U, { method: "a b" }],
  badHeaderName: () => [U, { headers: { "a b": "1" } }],
  badHeaderValue: () => [U, { headers: { "x-test": "a\nb" } }],
  badRedirect: () => [U, { redirect: "bogus" }],
  errorRedirect: () => [U, { redirect: "error" }],
  emptyUrl: () => [""],
  word: () => ["foo"],
  noHost: () => ["http://"],
  badPort: () => ["http://object:99999/"],
  number: () => [5],
  nothing: () => [null],
  undefined: () => [undefined],
  object: () => [{}],
  numberInit: () => [U, 5],
  usedRequest: async () => {
    const request = new Request(U, { method: "POST", body: "b" });
    await request.text();
    return [request];
  },
  sentRequest: async (stub) => {
    const request = new Request(U, { method: "POST", body: "b" });
    await stub.fetch(request);
    return [request];
  },
  lockedRequest: () => {
    const request = new Request(U, { method: "POST", body: stream() });
    request.body.getReader();
    return [request];
  },
  lockedStream: () => {
    const body = stream();
    body.getReader();
    return [U, { method: "POST", body }];
  },
};

async function outcome(call) {
  try {
    return await (await call()).json();
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export default {
  async fetch(request, env) {
    const stub = env.SUBJECT.getByName("foo");
    const table = new URL(request.url).pathname.slice(1);
    const out = {};
    const rows = { forms: FORMS, errors: ERRORS, bodies: BODIES, urls: URLS }[table];
    for (const [key, row] of Object.entries(rows)) {
      out[key] = await outcome(async () => {
        if (table === "urls") return stub.fetch(row);
        if (table === "bodies") return stub.fetch(U, { method: "POST", body: row() });
        return stub.fetch(...(await row(stub)));
      });
    }
    if (table === "bodies") {
      const sent = await outcome(() => stub.fetch(U, { method: "POST", body: form() }));
      out.form = [sent.type, sent.body.includes('name="a"')];
    }
    return Response.json(out);
  },
};
