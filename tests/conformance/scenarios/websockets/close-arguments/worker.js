
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
    const attempt = (...args) => {
      const [client, server] = Object.values(new WebSocketPair());
      client.accept();
      server.accept();
      return `${outcome(() => server.close(...args))} state=${server.readyState}`;
    };
    const codes = {};
    for (const code of [0, 99, 999, 1000, 1001, 1003, 1004, 1005, 1006, 1007, 1011, 1014, 1015,
      1016, 2999, 3000, 4999, 5000, -1, 65536, 1000.9, "3000", "x", null, true]) {
      codes[String(code)] = attempt(code);
    }
    const server = new WebSocketPair()[1];
    server.accept();
    const out = {
      codes,
      none: attempt(),
      undefinedCode: attempt(undefined),
      reasonOnly: attempt(undefined, "why"),
      emptyReasonOnly: attempt(undefined, ""),
      nullReason: attempt(1000, null),
      longest: attempt(1000, "x".repeat(123)),
      tooLong: attempt(1000, "x".repeat(124)),
      tooManyBytes: attempt(1000, "\u00fc".repeat(62)),
      sendNothing: outcome(() => server.send()),
      first: outcome(() => server.close(1000)),
      second: outcome(() => server.close(1001)),
      invalidSecond: outcome(() => server.close(99)),
      sendAfter: outcome(() => server.send("x")),
      sendNothingAfter: outcome(() => server.send()),
      constants: [WebSocket.CONNECTING, WebSocket.OPEN, WebSocket.CLOSING, WebSocket.CLOSED,
        server.READY_STATE_OPEN, WebSocket.READY_STATE_CLOSED, server.OPEN],
    };
    return Response.json(out);
  },
};
