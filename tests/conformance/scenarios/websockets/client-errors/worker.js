
function outcome(run) {
  try {
    const value = run();
    return value === undefined ? "undefined" : String(value);
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export default {
  async fetch() {
    const open = (...args) => outcome(() => new WebSocket(...args).readyState);
    const connecting = new WebSocket("ws://127.0.0.1:1/chat", ["a", "b"]);
    const log = [];
    connecting.addEventListener("open", () => log.push("open"));
    const closed = new Promise((resolve) => {
      connecting.addEventListener("error", ({ type, message }) => log.push(`${type} ${message.slice(0, 15)}`));
      connecting.addEventListener("close", ({ code, reason, wasClean }) => {
        log.push(`close ${code} ${reason} ${wasClean} state=${connecting.readyState}`);
        resolve();
      });
    });
    const early = {
      state: connecting.readyState,
      url: connecting.url,
      protocol: connecting.protocol,
      extensions: connecting.extensions,
      accept: outcome(() => connecting.accept()),
      send: outcome(() => connecting.send("x")),
      inResponse: outcome(() => new Response(null, { status: 101, webSocket: connecting })),
    };
    await Promise.race([closed, scheduler.wait(1000)]);
    const late = {
      state: connecting.readyState,
      send: outcome(() => connecting.send("x")),
      close: outcome(() => connecting.close()),
    };
    return Response.json({
      early,
      log,
      late,
      nothing: open(),
      notUrl: open("nope"),
      ftp: open("ftp://x.test/"),
      http: open("http://x.test/"),
      https: open("https://x.test/"),
      fragment: open("ws://x.test/#f"),
      emptyFragment: open("ws://x.test/#"),
      protocols: open("ws://x.test/", ["a", "a"]),
      badProtocol: open("ws://x.test/", "a b"),
      badProtocols: open("ws://x.test/", ["a", "b,c"]),
      emptyProtocol: open("ws://x.test/", ""),
      number: open(5),
      noNew: outcome(() => WebSocket("ws://x.test/")),
    });
  },
};
