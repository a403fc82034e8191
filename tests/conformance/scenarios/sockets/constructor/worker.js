const LIVE = 300;

// Opens a socket, sends what it is told, and tells everything that it heard.
function converse(url, { protocols, send = [], close, messages = send.length} = {}) {
  const socket = protocols === undefined ? new WebSocket(url) : new WebSocket(url, protocols);
  const log = [];
  let count = 0;
  const state = () => `state=${socket.readyState}`;
  const done = new Promise((resolve) => {
    setTimeout(() => resolve([...log, "and nothing more"]), LIVE);
    socket.addEventListener("open", () => {
      log.push(`open ${state()} protocol=${socket.protocol} extensions=${socket.extensions}`);
      for (const message of send) socket.send(message);
      if (close && messages === 0) socket.close(...close);
    });
    socket.addEventListener("message", ({ data }) => {
      log.push(typeof data === "string" ? `text ${data}` : `${data.constructor.name} ${data.byteLength ?? data.size}`);
      if (++count === messages && close) socket.close(...close);
    });
    socket.addEventListener("error", ({ message }) => log.push(`error ${message} ${state()}`));
    socket.addEventListener("close", ({ code, reason, wasClean }) => {
      log.push(`close ${code} ${reason} ${wasClean} ${state()}`);
      resolve([...log]);
    });
  });
  return done;
}

export default {
  async fetch(request) {
    const socket = (query) => request.headers.get("x-origin").replace("http:", "ws:") + "/socket" + query;
    const origin = request.headers.get("x-origin").replace("http:", "ws:");
    const heard = await converse(socket(""), { send: ["head"], close: [1000] });
    const sent = JSON.parse(heard[1].slice(5)).filter(([name]) => name !== "sec-websocket-extensions").map(([name, value]) => [name, name === "sec-websocket-key" ? value.length : value]);
    const offered = await converse(socket("?protocol=b"), { protocols: ["a", "b"], send: ["head"], close: [1000] });
    const offers = JSON.parse(offered[1].slice(5)).filter(([name]) => name === "sec-websocket-protocol");
    return Response.json({
      sent,
      echo: await converse(socket(""), { send: ["one", new Uint8Array([1, 2, 3]), "two", ""], close: [1000, "bye"] }),
      offers,
      offered: [offered[0], offered[2]],
      unaskedProtocol: await converse(socket("?protocol=surprise"), { send: [], close: [1000] }),
      noAgreement: await converse(socket(""), { protocols: "a", send: [], close: [1000] }),
      extensions: await converse(socket("?header=Sec-WebSocket-Extensions:x"), { send: [], close: [1000] }),
      greeting: await converse(socket("?greet=hello"), { messages: 1, close: [4000, "enough"] }),
      peerCloses: await converse(socket(""), { send: ["close 4321 because"] }),
      peerClosesBare: await converse(socket(""), { send: ["close"] }),
      peerDrops: await converse(socket(""), { send: ["drop"] }),
      garbage: await converse(socket(""), { send: ["garbage"] }),
      ping: await converse(socket(""), { send: ["ping"], messages: 1, close: [1000] }),
      closeNoCode: await converse(socket(""), { close: [], messages: 0 }),
      refused: await converse(request.headers.get("x-refused").replace("http:", "ws:") + "/"),
      notFound: await converse(origin + "/nowhere"),
      forbidden: await converse(socket("?refuse=403")),
      redirect: await converse(origin + "/redirect/302?to=/socket"),
      plain: await converse(origin + "/answer?body=hello"),
      unknownHost: (await converse("ws://does-not-exist.invalid/")).map((line) => line.replace(/reference = \w+/, "reference = R")),
      large: await converse(socket(""), { send: ["x".repeat(70000)], close: [1000] }).then(([a, b, c]) => [a, b.length, c]),
    });
  },
};
