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
  return {
    status: response.status, statusText: response.statusText, ok: response.ok, type: response.type, redirected: response.redirected,
    headers: [...response.headers], body: await attempt(() => response.text()), noBody: response.body === null,
  };
});

export default {
  async fetch(request) {
    const origin = request.headers.get("x-origin");
    const answer = (query, init) => ask(`${origin}/answer?${query}`, init);
    const e = encodeURIComponent;
    const cookies = await fetch(`${origin}/answer?header=Set-Cookie:a=1;%20Path=/&header=Set-Cookie:b=2&header=X-A:1&header=X-A:2`);
    const first = await fetch(`${origin}/answer?body=once`);
    const copy = first.clone();
    const immutable = await fetch(`${origin}/answer`);
    return Response.json({
      plain: await answer("body=hello&header=Content-Type:text/plain"),
      noReason: await answer("reason="),
      reason: await answer("status=404&reason=Nope%20nope"),
      odd: await answer("status=299&reason=Odd"),
      noContent: await answer("status=204"),
      resetContent: await answer("status=205"),
      notModified: await answer("status=304&header=ETag:x"),
      head: await answer("body=hello", { method: "HEAD" }),
      chunked: await answer("chunk=one&chunk=two"),
      untilClose: await answer("length=none&cut=1&body=rest"),
      empty: await answer("body="),
      values: await answer(`header=${e("X-Latin: caf\u00e9")}&header=${e("X-Empty:")}&header=${e("X-Spaces:  a  b  ")}&header=${e("Connection: keep-alive")}&header=${e("Keep-Alive: timeout=5")}&header=${e("Trailer: x")}&header=${e("Date: today")}&header=${e("Server: me")}`),
      cookies: [[...cookies.headers], cookies.headers.getSetCookie(), cookies.headers.get("set-cookie"), cookies.headers.get("x-a")],
      unknown: await ask(`${origin}/nowhere`),
      twice: [await first.text(), await attempt(() => first.text()), await copy.text()],
      immutable: await attempt(() => immutable.headers.set("a", "b")),
      url: (await fetch(`${origin}/answer?a=1#b`)).url,
      json: await attempt(async () => (await fetch(`${origin}/answer?body=${e('{"a":[1]}')}`)).json()),
      rebuilt: await attempt(async () => {
        const response = await fetch(`${origin}/answer?status=201&reason=Yes&body=x&header=X-A:1`);
        const other = new Response(response.body, response);
        other.headers.set("x-b", "2");
        return [other.status, other.statusText, other.url, [...other.headers], await other.text()];
      }),
      data: await ask("data:text/plain;charset=utf-8,caf%C3%A9"),
      dataBase64: await ask("data:;base64,aGk="),
      dataBad: await ask("data:nothing"),
      dataHead: await ask("data:,x", { method: "HEAD" }),
      dataPost: await ask("data:,x", { method: "POST", body: "y" }),
    });
  },
};
