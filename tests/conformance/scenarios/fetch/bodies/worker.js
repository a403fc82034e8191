const describe = (error) => (error instanceof Error || error?.name ? `${error.name}: ${error.message}` : `${error}`);

async function attempt(run) {
  try {
    return await run();
  } catch (error) {
    return describe(error);
  }
}

const post = (url, body, more = {}) => attempt(async () => (await fetch(url, { method: "POST", body, ...more })).json());
const streamOf = (...chunks) => new ReadableStream({
  start(controller) {
    for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
    controller.close();
  },
});

export default {
  async fetch(request) {
    const url = `${request.headers.get("x-origin")}/echo`;
    const fixed = new FixedLengthStream(5);
    const writing = (async () => {
      const writer = fixed.writable.getWriter();
      await writer.write(new TextEncoder().encode("fixed"));
      await writer.close();
    })();
    const identity = new TransformStream();
    const sending = post(url, identity.readable);
    const writer = identity.writable.getWriter();
    await writer.write(new TextEncoder().encode("one "));
    await writer.write(new TextEncoder().encode("two"));
    await writer.close();
    const form = new FormData();
    form.append("a", "1");
    const formed = await post(url, form);
    formed.headers = formed.headers.map(([name, value]) => [name, value.replace(/boundary=.*/, "boundary=B")]);
    formed.body = formed.body.replaceAll(/--[0-9a-f]{32}/g, "--B");
    const used = new Request(url, { method: "POST", body: "once" });
    const first = await post(used);
    const locked = new ReadableStream();
    locked.getReader();
    return Response.json({
      text: await post(url, "caf\u00e9"),
      empty: await post(url, ""),
      none: await post(url),
      nothing: await post(url, null),
      bytes: await post(url, new Uint8Array([97, 98])),
      noBytes: await post(url, new Uint8Array(0)),
      parameters: await post(url, new URLSearchParams({ a: "1 2" })),
      blob: await post(url, new Blob(["blob"], { type: "text/x" })),
      number: await post(url, 5),
      ownType: await post(url, "x", { headers: { "content-type": "application/x" } }),
      form: formed,
      stream: await post(url, streamOf("a", "b")),
      emptyStream: await post(url, streamOf()),
      fixed: await post(url, fixed.readable),
      sending: await sending,
      locked: await post(url, locked),
      get: await attempt(async () => (await fetch(url, { body: "x" })).status),
      put: await attempt(async () => (await fetch(url, { method: "PUT" })).json()),
      deleteBody: await attempt(async () => (await fetch(url, { method: "DELETE", body: "gone" })).json()),
      optionsBody: await attempt(async () => (await fetch(url, { method: "OPTIONS", body: "o" })).json()),
      first,
      usedAfter: used.bodyUsed,
      second: await post(used),
      large: await attempt(async () => (await (await fetch(url, { method: "POST", body: "x".repeat(300000) })).json()).body.length),
    });
  },
};
