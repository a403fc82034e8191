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
    const aborted = (reason) => { const c = new AbortController(); reason === undefined ? c.abort() : c.abort(reason); return c.signal; };
    const later = (reason) => { const c = new AbortController(); setTimeout(() => reason === undefined ? c.abort() : c.abort(reason), 20); return c.signal; };
    const controller = new AbortController();
    const streaming = await fetch(`${origin}/answer?chunk=one&chunk=two`, { signal: controller.signal });
    const reader = streaming.body.getReader();
    const part = new TextDecoder().decode((await reader.read()).value).slice(0, 3);
    const hung = new AbortController();
    const open = await fetch(`${origin}/answer?length=100&body=start`, { signal: hung.signal });
    const openReader = open.body.getReader();
    const openPart = new TextDecoder().decode((await openReader.read()).value);
    const waiting = attempt(() => openReader.read());
    hung.abort(new RangeError("enough"));
    const closed = await waiting;
    const before = new AbortController();
    const unread = await fetch(`${origin}/answer?body=unread`, { signal: before.signal });
    before.abort();
    const cancelled = await fetch(`${origin}/answer?length=100&body=start`);
    const cancel = await attempt(() => cancelled.body.cancel("bored"));
    const sent = new AbortController();
    const pipe = new TransformStream();
    const sending = attempt(() => fetch(`${origin}/echo`, { method: "POST", body: pipe.readable, signal: sent.signal }));
    const writer = pipe.writable.getWriter();
    await writer.write(new Uint8Array([97]));
    sent.abort();
    const sendingOutcome = await sending;
    const req = new Request(`${origin}/hang`, { signal: later() });
    return Response.json({
      already: await attempt(() => fetch(`${origin}/echo`, { signal: aborted() })),
      alreadyReason: await attempt(() => fetch(`${origin}/echo`, { signal: aborted(new TypeError("mine")) })),
      hanging: await attempt(() => fetch(`${origin}/hang`, { signal: later() })),
      hangingReason: await attempt(() => fetch(`${origin}/hang`, { signal: later(new TypeError("later")) })),
      timeout: await attempt(() => fetch(`${origin}/hang`, { signal: AbortSignal.timeout(20) })),
      any: await attempt(() => fetch(`${origin}/hang`, { signal: AbortSignal.any([AbortSignal.timeout(20), new AbortController().signal]) })),
      request: await attempt(() => fetch(req)),
      part,
      openPart,
      closed,
      afterAbort: await attempt(() => unread.text()),
      cancel: String(cancel),
      sendingOutcome,
      nullSignal: await attempt(async () => (await fetch(`${origin}/echo`, { signal: null })).status),
      wrongSignal: await attempt(async () => (await fetch(`${origin}/echo`, { signal: {} })).status),
    });
  },
};
