import { DurableObject, WorkerEntrypoint, exports as imported } from "cloudflare:workers";

export class Subject extends DurableObject {}

export class Named extends WorkerEntrypoint {
  async fetch(request) {
    return Response.json({ url: request.url, props: this.ctx.props });
  }
  add(a, b) {
    return a + b;
  }
  props() {
    return this.ctx.props;
  }
  change() {
    this.ctx.props.a = 9;
    return this.ctx.props;
  }
  useStub() {
    return this.ctx.props.stub.props();
  }
  async nested() {
    const inner = await this.ctx.exports.Named({ props: { deep: 1 } }).props();
    return [inner, this.ctx.props];
  }
  boom() {
    throw new RangeError("boom");
  }
}

export class Broken extends WorkerEntrypoint {
  fetch() {
    throw new RangeError("fetch boom");
  }
  echo(value) {
    return value;
  }
}

async function outcome(call) {
  try {
    return await call();
  } catch (error) {
    return `${error.name}: ${error.message}${error.remote ? " (remote)" : ""}`;
  }
}

export default class extends WorkerEntrypoint {
  hello(name) {
    return ["hello", name, this.ctx.props];
  }

  async fetch(request) {
    const path = new URL(request.url).pathname;
    const exports = this.ctx.exports;
    if (path === "/inner") return Response.json({ inner: this.ctx.props });
    if (path === "/props") return Response.json(await this.seeProps(exports));
    if (path === "/errors") return Response.json(await this.seeErrors(exports));
    if (path === "/shared") return Response.json(await this.seeShared(exports));
    return Response.json({
      keys: Object.keys(exports),
      text: [String(exports), String(exports.Named), String(exports.Named({}))],
      kinds: [typeof exports.Named, typeof exports.Named({})],
      missing: exports.nope === undefined,
      same: exports.Named === this.ctx.exports.Named,
      imported: await imported.Named.add(1, 1),
      add: await exports.Named.add(2, 3),
      fetched: await (await exports.Named.fetch("http://a/b?c")).json(),
      itself: await (await exports.default.fetch("http://a/inner")).json(),
      itselfByName: await exports.default.hello("you"),
      none: await exports.Named.props(),
    });
  }

  async seeProps(exports) {
    const own = { a: 1 };
    const stub = exports.Named({ props: own });
    own.a = 2;
    const inner = exports.Named({ props: { z: 1 } });
    return {
      own: await stub.props(),
      changed: await stub.change(),
      fresh: await stub.props(),
      fetched: await (await stub.fetch("http://a/b")).json(),
      itself: await exports.default({ props: { q: [1, 2] } }).hello("you"),
      itselfFetched: await (await exports.default({ props: { q: 1 } }).fetch("http://a/inner")).json(),
      withNew: await new exports.Named({ props: { n: 1 } }).props(),
      empty: await exports.Named({}).props(),
      absent: await exports.Named(undefined).props(),
      list: await exports.Named({ props: [1, 2] }).props(),
      stub: await exports.Named({ props: { stub: inner } }).useStub(),
      nested: await exports.Named({ props: { o: 1 } }).nested(),
    };
  }

  seeErrors(exports) {
    return settle({
      noArgument: () => exports.Named(),
      number: () => exports.Named(5),
      propsNumber: () => exports.Named({ props: 5 }),
      propsText: () => exports.Named({ props: "x" }),
      propsNull: () => exports.Named({ props: null }),
      function: () => exports.Named({ props: { f: () => 1 } }),
      exportInProps: () => exports.Named({ props: { f: exports.Named } }),
      namespaceInProps: () => exports.Named({ props: { f: exports.Subject } }),
      sent: () => exports.Broken.echo(exports.Named),
      clone: () => structuredClone(exports.Named),
      cloneStub: () => structuredClone(exports.Named({})),
      unknown: () => exports.Named.zzz(),
      reserved: () => exports.Named.alarm(),
      relative: () => exports.Named.fetch("/relative"),
      noRequest: () => exports.Named.fetch(),
      thrown: () => exports.Named.boom(),
      thrownByFetch: () => exports.Broken.fetch("http://a/"),
    });
  }

  async seeShared(exports) {
    exports.mark = 1;
    const stub = await exports.Broken.echo(exports.Named({ props: { k: 1 } }));
    return { mark: this.ctx.exports.mark, sent: await stub.props() };
  }
}

async function settle(calls) {
  const found = {};
  for (const [name, call] of Object.entries(calls)) {
    found[name] = await outcome(call);
  }
  return found;
}
