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
    const path = new URL(request.url).pathname;
    const upgrade = (query, more = {}) => fetch(`${origin}/socket${query}`, { headers: { Upgrade: "websocket", ...more } });
    const response = await upgrade("?header=X-Own:1&protocol=chat", { "sec-websocket-protocol": "chat", "x-mine": "2", "sec-websocket-key": "mine", "sec-websocket-version": "7" });
    const socket = response.webSocket;
    const log = [];
    const early = await attempt(() => socket.send("too early"));
    socket.accept();
    const closed = new Promise((resolve) => {
      socket.addEventListener("message", ({ data }) => log.push(data));
      socket.addEventListener("close", ({ code, reason, wasClean }) => { log.push(`close ${code} ${reason} ${wasClean}`); resolve(); });
    });
    socket.send("head");
    socket.send("hello");
    socket.send("close 4000 enough");
    await closed;
    log[0] = JSON.parse(log[0]).map(([name, value]) => [name, name === "sec-websocket-key" ? value.length : value]);
    const headers = [...response.headers].map(([name, value]) => [name, name === "sec-websocket-accept" ? value.length : value]);
    const plain = await upgrade("?refuse=403");
    const noUpgrade = await fetch(`${origin}/socket?refuse=426`);
    const abandoned = await upgrade("");
    const upper = await fetch(`${origin}/socket`, { headers: { Upgrade: "WebSocket" } });
    const other = await fetch(`${origin}/echo`, { headers: { Upgrade: "h2c" } });
    const posted = await attempt(async () => (await fetch(`${origin}/socket`, { method: "POST", body: "x", headers: { Upgrade: "websocket" } })).status);
    return Response.json({
      status: [response.status, response.statusText, response.url, response.body === null],
      headers, early, log,
      plain: [plain.status, plain.webSocket, await plain.text()],
      noUpgrade: [noUpgrade.status, noUpgrade.webSocket],
      abandoned: [abandoned.status, abandoned.webSocket.readyState],
      upper: [upper.status, upper.webSocket === null],
      other: [other.status, other.webSocket],
      posted,
      clone: await attempt(() => response.clone()),
      scheme: await attempt(() => fetch(origin.replace("http:", "ws:") + "/socket", { headers: { Upgrade: "websocket" } })),
      refused: await attempt(() => fetch(request.headers.get("x-refused"), { headers: { Upgrade: "websocket" } })),
    });
  },
};
