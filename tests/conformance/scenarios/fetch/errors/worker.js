const describe = (error) => (error instanceof Error || error?.name ? `${error.name}: ${error.message}` : `${error}`);

async function attempt(run) {
  try {
    return await run();
  } catch (error) {
    return describe(error);
  }
}

const masked = (text) => (typeof text === "string" ? text.replace(/reference = [a-z0-9]+/, "reference = R") : text);
const ask = async (url, init) => masked(await attempt(async () => {
  const response = await fetch(url, init);
  return [response.status, [...response.headers].map(([name]) => name), await attempt(() => response.text())];
}));

export default {
  async fetch(request) {
    const origin = request.headers.get("x-origin");
    const raw = (text) => ask(`${origin}/raw?text=${encodeURIComponent(text)}`);
    const urls = {};
    for (const url of ["nope", "/relative", "", "http://", "ftp://x.test/", "file:///etc/passwd", "ws://x.test/", "blob:x", "javascript:1", "about:blank", "http:x.test"]) {
      if (url !== "http:x.test") urls[url] = await ask(url);
    }
    const partial = await fetch(`${origin}/answer?chunk=one&cut=1`);
    const reader = partial.body.getReader();
    const reads = [new TextDecoder().decode((await reader.read()).value), await attempt(() => reader.read()), await attempt(() => reader.closed)];
    return Response.json({
      urls,
      noArguments: await attempt(() => fetch()),
      undefinedUrl: await ask(undefined),
      refused: await ask(request.headers.get("x-refused")),
      refusedPost: await ask(request.headers.get("x-refused"), { method: "POST", body: "x" }),
      unknownHost: await ask("http://does-not-exist.invalid/"),
      closed: await raw(""),
      garbage: await raw("what is this\r\n\r\n"),
      halfHead: await raw("HTTP/1.1 200 OK\r\nContent-"),
      badStatus: await raw("HTTP/1.1 abc OK\r\n\r\n"),
      badHeader: await raw("HTTP/1.1 200 OK\r\nno colon here\r\n\r\n"),
      badChunk: await raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
      badLength: await raw("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"),
      shortBody: await raw("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"),
      longBody: await raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nlonger"),
      http10: await raw("HTTP/1.0 200 OK\r\n\r\nold"),
      oldNewlines: await raw("HTTP/1.1 200 OK\n\nbare"),
      unasked101: await raw("HTTP/1.1 101 Switching Protocols\r\n\r\n"),
      informational: await raw("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
      reads,
      tls: await ask(origin.replace("http:", "https:")),
      early: await ask(`${origin}/early`, { method: "POST", body: "abc" }),
    });
  },
};
