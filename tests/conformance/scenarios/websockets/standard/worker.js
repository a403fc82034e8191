
function outcome(run) {
  try {
    const value = run();
    return value === undefined ? "undefined" : String(value);
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}


// const UPGRADE = { headers: { Upgrade: "websocket" } };

// Collects what a socket says until it closes, or for so long.
class Client {
  log = [];
  #waiting = [];

  constructor(socket) {
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) =>
      this.add(typeof data === "string" ? data : `bytes:${new Uint8Array(data).join()}`),
    );
    socket.addEventListener("close", ({ code, reason, wasClean }) =>
      this.add(`close ${code} ${reason} ${wasClean} state=${socket.readyState}`),
    );
    socket.addEventListener("error", ({ message }) => this.add(`error ${message}`));
    socket.accept();
  }

  static async connect(stub, path) {
    const response = await stub.fetch(`http://object${path}`, UPGRADE);
    return new Client(response.webSocket);
  }

  add(line) {
    this.log.push(line);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async until(count) {
    while (this.log.length < count) {
      await new Promise((resolve) => this.#waiting.push(resolve));
    }
    return this.log;
  }
}

function pair() {
  const [left, right] = Object.values(new WebSocketPair());
  const log = [];
  const watch = (name, socket) => {
    socket.addEventListener("message", (event) =>
      log.push(`${name} ${event.data.constructor.name} ${typeof event.data === "string" ? event.data : (event.data.size ?? event.data.byteLength)}`),
    );
    socket.addEventListener("close", (event) =>
      log.push(`${name} close ${event.code} ${event.reason} ${event.wasClean} state=${socket.readyState}`),
    );
    socket.addEventListener("error", (event) => log.push(`${name} error ${event.message} state=${socket.readyState}`));
  };
  watch("left", left);
  watch("right", right);
  return { left, right, log };
}

const wait = () => scheduler.wait(10);

export default {
  async fetch() {
    const out = {};
    {
      const { left, right, log } = pair();
      out.stateBefore = left.readyState;
      left.accept();
      left.send("before the other accepts");
      right.accept();
      out.acceptedState = right.readyState;
      await wait();
      right.send(new Uint8Array([1, 2]));
      right.binaryType = "arraybuffer";
      left.send(new Uint8Array([1, 2, 3]));
      await wait();
      out.binaryTypes = [left.binaryType, right.binaryType];
      out.badBinaryType = outcome(() => { left.binaryType = "text"; return left.binaryType; });
      left.close(4000, "done");
      out.closingStates = [left.readyState, right.readyState];
      await wait();
      out.closedStates = [left.readyState, right.readyState];
      out.sendAfterClose = outcome(() => right.send("x"));
      out.handshake = log;
    }
    {
      const { left, right, log } = pair();
      left.accept();
      right.accept();
      left.close();
      await wait();
      out.codeless = log;
    }
    {
      const { left, right, log } = pair();
      left.accept();
      right.accept();
      left.close(3000, "l");
      right.close(3001, "r");
      await wait();
      out.crossing = log;
    }
    {
      const { left, right, log } = pair();
      left.accept({ allowHalfOpen: true });
      right.accept({ allowHalfOpen: true });
      left.close(3000, "l");
      await wait();
      right.send("still");
      right.close(3001, "r");
      await wait();
      out.halfOpen = log;
    }
    {
      const { left, right, log } = pair();
      left.accept();
      right.accept();
      right.addEventListener("message", () => { JSON.parse("{"); });
      left.send("one");
      left.send("two");
      await wait();
      out.throwingListener = log;
      out.throwingStates = [left.readyState, right.readyState];
      out.throwingSend = [outcome(() => left.send("x")), outcome(() => right.send("x"))];
    }
    {
      const { left, right } = pair();
      const event = new Promise((resolve) => { right.onmessage = resolve; });
      left.accept();
      right.accept();
      left.send("attributes");
      const { type, data, origin, lastEventId, target, ports, isTrusted } = await event;
      out.event = { type, data, origin, lastEventId, ports, isTrusted, target: target === right };
      out.attributes = [right.url, right.protocol, right.extensions, right.binaryType];
      out.onopen = String(left.onopen);
    }
    return Response.json(out);
  },
};
