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
  const text = await response.text();
  let body = text;
  try { body = JSON.parse(text); } catch {}
  return { status: response.status, url: response.url, redirected: response.redirected, location: response.headers.get("location"), body };
});

export default {
  async fetch(request) {
    const origin = request.headers.get("x-origin");
    const other = request.headers.get("x-other");
    const to = (status, target = "/echo") => `${origin}/redirect/${status}?to=${encodeURIComponent(target)}`;
    const methods = {};
    for (const status of [300, 301, 302, 303, 304, 305, 307, 308]) {
      for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE"]) {
        const body = ["POST", "PUT"].includes(method) ? "content" : undefined;
        methods[`${status} ${method}`] = await ask(to(status), { method, body });
      }
    }
    const stream = () => new ReadableStream({
      start(controller) { controller.enqueue(new TextEncoder().encode("streamed")); controller.close(); },
    });
    const headers = { authorization: "Bearer x", cookie: "a=1", "x-own": "mine", "proxy-authorization": "Basic y", host: "given.test" };
    const locations = {};
    for (const location of ["../echo?relative", "//" + other.slice(7) + "/echo", "?only", "#only", "", "http://", "http://[bad", "data:,x", "/echo#new", "/echo?a b"]) {
      locations[location.replace(other.slice(7), "OTHER")] = await ask(`${origin}/redirect/302?to=${encodeURIComponent(location)}`);
    }
    const looping = await ask(`${origin}/loop/0`);
    return Response.json({
      methods,
      streamOn307: await ask(to(307), { method: "POST", body: stream() }),
      streamOn303: await ask(to(303), { method: "POST", body: stream() }),
      manual: await ask(to(302), { redirect: "manual" }),
      error: await ask(to(302), { redirect: "error" }),
      sameOrigin: await ask(to(302), { headers }),
      otherOrigin: await ask(to(302, `${other}/echo`), { headers }),
      noLocation: await ask(`${origin}/answer?status=302&body=stay`),
      twoLocations: await ask(`${origin}/answer?status=302&header=Location:/echo&header=Location:/nowhere`),
      locations,
      fragmentKept: await ask(to(302) + "#first"),
      looping,
      twenty: await ask(`${origin}/redirect/302?to=${encodeURIComponent("/loop/1")}`, { redirect: "manual" }),
      refused: await ask(to(302, request.headers.get("x-refused") + "/")),
      credentials: await ask(to(302, `${other.replace("//", "//u:p@")}/echo`)),
      requestObject: await ask(new Request(to(302), { redirect: "follow" })),
      noStore: await ask(to(302), { cache: "no-store" }),
    });
  },
};
