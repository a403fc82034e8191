function outcome(run) {
  try {
    const value = run();
    return value === undefined ? "undefined" : value;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

const pair = () => Object.values(new WebSocketPair());

const kinds = {
  attributes() {
    const [left, right] = pair();
    const look = (socket) => [socket.readyState, socket.url, socket.protocol, socket.extensions, socket.binaryType];
    const out = [look(left), look(right)];
    left.accept();
    out.push(look(left), look(right));
    return [...out, Object.prototype.toString.call(left), left instanceof EventTarget, left === right];
  },

  constants() {
    const [left] = pair();
    const names = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"];
    const old = ["READY_STATE_CONNECTING", "READY_STATE_OPEN", "READY_STATE_CLOSING", "READY_STATE_CLOSED"];
    return [...names, ...old].map((name) => [name, WebSocket[name] ?? null, left[name] ?? null]);
  },

  binary_type() {
    const [left] = pair();
    const out = [];
    for (const value of ["arraybuffer", "blob", "ArrayBuffer", "", null, undefined, 5]) {
      out.push(outcome(() => {
        left.binaryType = value;
        return left.binaryType;
      }), left.binaryType);
    }
    return out;
  },

  accepts() {
    const out = [];
    for (const options of [undefined, null, {}, { allowHalfOpen: true }, { allowHalfOpen: "yes" }, 5, "x", []]) {
      const [left] = pair();
      out.push(outcome(() => left.accept(options)), outcome(() => left.accept(options)), left.readyState);
    }
    return out;
  },

  assignments() {
    const [left] = pair();
    left.custom = "mine";
    return [left.custom, Object.keys(left), outcome(() => left.serializeAttachment("x")), outcome(() => left.deserializeAttachment())];
  },

  closed_before() {
    const [left, right] = pair();
    return [
      outcome(() => left.close()), outcome(() => left.close(1)), outcome(() => left.send()), outcome(() => left.send("x")), left.readyState,
      outcome(() => left.addEventListener("message", () => {})), outcome(() => right.accept()), outcome(() => right.send("early")), outcome(() => right.close(1000, "early")), right.readyState, left.readyState,
      outcome(() => right.send("late")), outcome(() => right.close(1000)), outcome(() => right.close(99)), outcome(() => left.accept()), left.readyState,
    ];
  },
};

export default {
  async fetch(request) {
    return Response.json(kinds[new URL(request.url).pathname.slice(1)]());
  },
};
