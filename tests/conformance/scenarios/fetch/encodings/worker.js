const describe = (error) => (error instanceof Error || error?.name ? `${error.name}: ${error.message}` : `${error}`);

async function attempt(run) {
  try {
    return await run();
  } catch (error) {
    return describe(error);
  }
}

const ask = (url, init) => attempt(async () => {
  const response = await fetch(url, init);
  return { length: response.headers.get("content-length") !== null, encoding: response.headers.get("content-encoding"), body: await attempt(() => response.text()) };
});

export default {
  async fetch(request) {
    const origin = request.headers.get("x-origin");
    const path = new URL(request.url).pathname;
    if (path === "/through") return fetch(`${origin}/answer?body=passed+through&encode=${request.headers.get("x-encode")}`);
    if (path === "/rebuilt") {
      const response = await fetch(`${origin}/answer?body=rebuilt&encode=gzip`);
      return new Response(response.body, response);
    }
    if (path === "/made") return new Response("made here", { headers: { "content-encoding": request.headers.get("x-encode") } });
    if (path === "/manual") {
      const response = await fetch(`${origin}/answer?body=manual&encode=gzip`, { encodeResponseBody: "manual" });
      return new Response(response.body, { encodeBody: "manual", headers: response.headers });
    }
    const answer = (query, init) => ask(`${origin}/answer?${query}`, init);
    return Response.json({
      gzip: await answer("body=zipped&encode=gzip"),
      br: await answer("body=brotli&encode=br"),
      deflate: (await answer("body=deflated&encode=deflate")).encoding,
      unknown: await answer("body=plain&encode=zstd"),
      identity: await answer("body=plain&encode=identity"),
      lies: await answer("body=not+gzip&header=Content-Encoding:gzip"),
      two: (await answer("body=z&encode=gzip&header=Content-Encoding:identity")).encoding,
      xgzip: await answer("body=plain&header=Content-Encoding:x-gzip"),
      empty: await answer("header=Content-Encoding:gzip"),
      head: await answer("body=zipped&encode=gzip", { method: "HEAD" }),
      upper: await answer("body=plain&header=Content-Encoding:GZIP"),
      cut: await answer("base64=H4sIAAAAAAACA8vPS1UoKc9XKMkoSk1VSMsvLQI=&header=Content-Encoding:gzip"),
      manual: await attempt(async () => {
        const response = await fetch(`${origin}/answer?body=raw&encode=gzip`, { encodeResponseBody: "manual" });
        return [...new Uint8Array(await response.arrayBuffer())].slice(0, 3);
      }),
      badMode: await attempt(async () => (await fetch(`${origin}/answer`, { encodeResponseBody: "never" })).status),
      trailing: await answer("base64=H4sIAAAAAAACA8vPS1UoKc8HAC-JB80HAAAAeHl6&header=Content-Encoding:gzip"),
      badBrotli: await answer("body=not+brotli&header=Content-Encoding:br"),
      cutBrotli: await answer("base64=CwOA&header=Content-Encoding:br"),
      twoMembers: await answer("base64=H4sIAAAAAAACA8vPS1UAAElhrCMEAAAAH4sIAAAAAAACAyspzwcAZorKEQMAAAA=&header=Content-Encoding:gzip"),
    });
  },
};
