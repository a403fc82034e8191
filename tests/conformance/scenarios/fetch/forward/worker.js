const describe = (error) => (error instanceof Error || error?.name ? `${error.name}: ${error.message}` : `${error}`);

async function attempt(run) {
  try {
    return await run();
  } catch (error) {
    return describe(error);
  }
}

export default {
  async fetch(request) {
    const origin = request.headers.get("x-origin");
    const { pathname } = new URL(request.url);
    const hide = (told) => { told.headers = told.headers.filter(([name]) => !name.startsWith("x-") || name === "x-client"); return told; };
    const target = origin + "/echo?from=" + pathname.slice(1);
    if (pathname === "/as-init") return Response.json(hide(await (await fetch(target, request)).json()));
    if (pathname === "/copied") return Response.json(hide(await (await fetch(new Request(target, request))).json()));
    if (pathname === "/streamed") return Response.json(hide(await (await fetch(target, { method: request.method, headers: request.headers, body: request.body })).json()));
    if (pathname === "/redirected") {
      const response = await fetch(new Request(origin + "/redirect/302?to=/echo", request));
      return Response.json([response.status, response.url, request.redirect]);
    }
    if (pathname === "/answered") return fetch(origin + "/answer?status=418&reason=Short&body=and+stout&header=X-Pot:yes&header=Set-Cookie:a=1&header=Set-Cookie:b=2&header=Connection:close&header=Keep-Alive:x", request);
    if (pathname === "/clone") {
      const copy = request.clone();
      return Response.json([await request.text(), hide(await (await fetch(target, copy)).json())]);
    }
    if (pathname === "/read-before") {
      await request.text();
      return Response.json(await attempt(async () => (await fetch(target, request)).status));
    }
    return Response.json(await attempt(async () => (await fetch(request)).status));
  },
};
