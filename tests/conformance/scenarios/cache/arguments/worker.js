const describe = (error) => (error instanceof Error || error?.name ? `${error.name}: ${error.message}` : `${error}`);

async function attempt(run) {
  try {
    return await run();
  } catch (error) {
    return describe(error);
  }
}

export default {
  async fetch() {
    const url = "http://cache.test/x";
    const cache = caches.default;
    const show = (value) => (value === undefined ? "undefined" : value instanceof Response ? "response" : value);
    const put = (response, input = url) => attempt(async () => show(await cache.put(input, response)));
    const ok = () => new Response("x", { headers: { "cache-control": "max-age=10" } });
    const used = ok();
    await used.text();
    const kept = ok();
    await cache.put(url, kept);
    const methods = {};
    for (const name of ["add", "addAll", "keys", "matchAll"]) methods[name] = await attempt(async () => show(await cache[name](url)));
    for (const name of ["has", "keys", "delete", "match"]) methods[`caches.${name}`] = await attempt(async () => show(await caches[name](url)));
    return Response.json({
      names: [cache.constructor.name, caches.constructor.name, (await caches.open("n")).constructor.name, caches.default === cache],
      open: [await attempt(async () => (await caches.open()).constructor.name), await attempt(async () => (await caches.open(5)).constructor.name), await attempt(async () => (await caches.open("")).constructor.name)],
      longName: await attempt(async () => (await caches.open("n".repeat(2000))).constructor.name),
      match: {
        miss: await attempt(async () => show(await cache.match("http://cache.test/missing"))),
        nothing: await attempt(async () => show(await cache.match())),
        relative: await attempt(async () => show(await cache.match("/x"))),
        post: await attempt(async () => show(await cache.match(new Request(url, { method: "POST" })))),
        postIgnored: await attempt(async () => show(await cache.match(new Request(url, { method: "POST" }), { ignoreMethod: true }))),
        head: await attempt(async () => show(await cache.match(new Request(url, { method: "HEAD" })))),
        ftp: await attempt(async () => show(await cache.match("ftp://x.test/"))),
        badOptions: await attempt(async () => show(await cache.match(url, 5))),
        ignoreSearch: await attempt(async () => show(await cache.match(url, { ignoreSearch: true }))),
        ignoreVary: await attempt(async () => show(await cache.match(url, { ignoreVary: true }))),
      },
      put: {
        plain: await put(ok()),
        nothing: await attempt(async () => show(await cache.put())),
        noResponse: await attempt(async () => show(await cache.put(url))),
        text: await put("text"),
        post: await put(ok(), new Request(url, { method: "POST" })),
        head: await put(ok(), new Request(url, { method: "HEAD" })),
        relative: await put(ok(), "/x"),
        ftp: await put(ok(), "ftp://x.test/"),
        partial: await put(new Response("x", { status: 206 })),
        varyAny: await put(new Response("x", { headers: { vary: "*" } })),
        varyAmong: await put(new Response("x", { headers: { vary: "accept, *" } })),
        vary: await put(new Response("x", { headers: { vary: "accept" } })),
        error: await put(Response.error()),
        notModified: await put(new Response(null, { status: 304 })),
        noContent: await put(new Response(null, { status: 204 })),
        serverError: await put(new Response("x", { status: 500 })),
        socket: await attempt(async () => put(new Response(null, { status: 101, webSocket: new WebSocketPair()[0] }))),
        used: await put(used),
        usedAfter: [kept.bodyUsed, await attempt(() => kept.text())],
        stream: await put(new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array([1])); c.close(); } }))),
        cookie: await put(new Response("x", { headers: { "set-cookie": "a=1" } })),
      },
      delete: {
        missing: await attempt(async () => show(await cache.delete("http://cache.test/missing"))),
        nothing: await attempt(async () => show(await cache.delete())),
        post: await attempt(async () => show(await cache.delete(new Request(url, { method: "POST" })))),
        postIgnored: await attempt(async () => show(await cache.delete(new Request(url, { method: "POST" }), { ignoreMethod: true }))),
        relative: await attempt(async () => show(await cache.delete("/x"))),
      },
      methods,
      construct: [await attempt(() => new Cache()), await attempt(() => new CacheStorage())],
    });
  },
};
