function pair() {
  const [left, right] = Object.values(new WebSocketPair());
  return { left, right, log: [] };
}

const wait = () => scheduler.wait(10);

const kinds = {
  async attributes() {
    const { left, right, log } = pair();
    for (const type of ["message", "close"]) {
      right.addEventListener(type, (event) => {
        log.push([
          event.type, event.constructor.name, event.target === right, event.currentTarget === right, event.srcElement === right, event.bubbles, event.cancelable,
          event.defaultPrevented, event.composed, event.eventPhase, event.isTrusted, event.data ?? null, event.code ?? null, event.reason ?? null, event.wasClean ?? null,
          event.composedPath().length,
        ]);
      });
    }
    left.accept();
    right.accept();
    left.send("text");
    left.close(3000, "why");
    await wait();
    return log;
  },

  async order() {
    const { left, right, log } = pair();
    right.addEventListener("message", ({ data }) => log.push(`first ${data}`));
    right.addEventListener("message", ({ data }) => {
      log.push(`second ${data}`);
      Promise.resolve().then(() => log.push(`microtask ${data}`));
    });
    right.addEventListener("message", async ({ data }) => {
      await scheduler.wait(data === "a" ? 20 : 1);
      log.push(`slow ${data}`);
    });
    right.addEventListener("close", () => log.push("close"));
    left.accept();
    right.accept();
    left.send("a");
    left.send("b");
    left.close();
    log.push("sent");
    await scheduler.wait(40);
    return log;
  },

  async options() {
    const { left, right, log } = pair();
    const twice = () => log.push("added twice");
    right.addEventListener("message", twice);
    right.addEventListener("message", twice);
    right.addEventListener("message", () => log.push("once"), { once: true });
    const removed = () => log.push("removed");
    right.addEventListener("message", removed);
    right.removeEventListener("message", removed);
    right.addEventListener("message", { handleEvent: (event) => log.push(`object ${event.type}`) });
    right.addEventListener("message", (event) => {
      log.push("stops");
      event.stopImmediatePropagation();
    });
    right.addEventListener("message", () => log.push("never"));
    left.accept();
    right.accept();
    left.send("a");
    left.send("b");
    await wait();
    return log;
  },

  async late() {
    const { left, right, log } = pair();
    left.accept();
    left.send("early");
    right.accept();
    right.addEventListener("message", ({ data }) => log.push(`same turn ${data}`));
    await wait();
    left.send("later");
    await wait();
    right.addEventListener("message", ({ data }) => log.push(`added late ${data}`));
    left.send("last");
    await wait();
    return log;
  },

  async dispatched() {
    const { right, log } = pair();
    right.addEventListener("message", (event) => log.push([event.constructor.name, event.data, event.isTrusted]));
    right.addEventListener("custom", (event) => {
      event.preventDefault();
      log.push([event.type, event.defaultPrevented]);
    });
    log.push(right.dispatchEvent(new MessageEvent("message", { data: "made" })), right.dispatchEvent(new Event("custom", { cancelable: true })), right.readyState);
    return log;
  },

  async properties() {
    const { left, right, log } = pair();
    right.onmessage = ({ data }) => log.push(`onmessage ${data}`);
    right.onclose = () => log.push("onclose");
    left.accept();
    right.accept();
    left.send("a");
    left.close();
    await wait();
    return [typeof right.onmessage, ...log];
  },
};

export default {
  async fetch(request) {
    return Response.json(await kinds[new URL(request.url).pathname.slice(1)]());
  },
};
