const describe = (error) => (error instanceof Error || error?.name ? `${error.name}: ${error.message}` : `${error}`);

async function attempt(run) {
  try {
    return await run();
  } catch (error) {
    return describe(error);
  }
}

const echo = (url, init) => attempt(async () => (await fetch(url, init)).json());

export default {
  async fetch(request) {
    const origin = request.headers.get("x-origin");
    const methods = {};
    for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PURGE", "PROPFIND", "patch", "UNSUBSCRIBE", "CONNECT", "FOO"]) {
      methods[method] = await attempt(async () => {
        const response = await fetch(`${origin}/echo`, { method });
        const text = await response.text();
        return text ? JSON.parse(text) : response.status;
      });
    }
    const headers = {
      "X-Mixed-Case": "Value", "x-latin": "caf\u00e9", "x-wide": "\u4e2d", "x-empty": "", cookie: "a=1; b=2",
      "user-agent": "mine", accept: "text/html", "accept-encoding": "identity", authorization: "Bearer x",
      origin: "http://elsewhere.test", referer: "http://r.test/", date: "today", via: "me",
    };
    const repeated = new Headers([["x-a", "1"], ["x-a", "2"], ["set-cookie", "a=1"], ["set-cookie", "b=2"]]);
    const connection = {};
    for (const [name, value] of [["connection", "close"], ["connection", "x-hop"], ["keep-alive", "timeout=5"], ["te", "trailers"], ["trailer", "x-t"],
      ["transfer-encoding", "chunked"], ["upgrade", "h2c"], ["content-length", "7"], ["expect", "100-continue"], ["proxy-connection", "close"],
      ["sec-websocket-key", "abc"], ["host", "other.test"], ["content-type", "text/x"]]) {
      connection[`${name}: ${value}`] = await echo(`${origin}/echo`, { headers: { [name]: value } });
    }
    return Response.json({
      methods,
      headers: await echo(`${origin}/echo`, { headers }),
      repeated: await echo(`${origin}/echo`, { headers: repeated }),
      connection,
      lengthOnPost: await echo(`${origin}/echo`, { method: "POST", body: "abc", headers: { "content-length": "7" } }),
      chunkedOnPost: await echo(`${origin}/echo`, { method: "POST", body: "abc", headers: { "transfer-encoding": "chunked" } }),
      target: (await echo(`${origin}/echo?q=a b&c=%20%7e|^\u00e9#fragment`)).target,
      noPath: (await attempt(async () => (await fetch(origin + "?x")).url)),
      credentials: await attempt(async () => {
        const response = await fetch(`${origin.replace("//", "//user:secret@")}/echo`);
        return [response.url, await response.json()];
      }),
      fragment: await attempt(async () => (await fetch(`${origin}/echo#there`)).url),
      noStore: await echo(`${origin}/echo`, { cache: "no-store" }),
      noCache: await echo(`${origin}/echo`, { cache: "no-cache" }),
      noStoreWithOwn: await echo(`${origin}/echo`, { cache: "no-store", headers: { "cache-control": "max-age=5", pragma: "x" } }),
      noCacheWithOwn: await echo(`${origin}/echo`, { cache: "no-cache", headers: { "cache-control": "max-age=5" } }),
      cacheAndTtl: await echo(`${origin}/echo`, { cache: "no-store", cf: { cacheTtl: 5 } }),
      cf: await echo(`${origin}/echo`, { cf: { cacheTtl: 5, cacheEverything: true } }),
    });
  },
};
