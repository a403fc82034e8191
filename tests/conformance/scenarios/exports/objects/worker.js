import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";

export class Subject extends DurableObject {
  count = 0;
  increment() {
    return ++this.count;
  }
  async look() {
    const exports = this.ctx.exports;
    return {
      keys: Object.keys(exports),
      props: this.ctx.props,
      same: exports === this.ctx.exports,
      hello: await exports.Greeter({ props: { word: "hi" } }).greet("you"),
      other: await exports.Subject.getByName("other").increment(),
      text: [String(exports.Subject), String(exports.Lonely), String(exports.Lonely({}))],
    };
  }
  put(what) {
    const exports = this.ctx.exports;
    const values = {
      stub: exports.Greeter,
      namespace: exports.Subject,
      class: exports.Lonely,
      called: exports.Greeter({}),
      reference: exports.Lonely({}),
    };
    return this.ctx.storage.put("x", values[what]);
  }
}

export class Lonely extends DurableObject {}

export class Greeter extends WorkerEntrypoint {
  greet(name) {
    return `${this.ctx.props.word} ${name}`;
  }
  echo(value) {
    return value;
  }
  kind() {
    return String(this.ctx.props.value);
  }
}

async function outcome(call) {
  try {
    return await call();
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export default class extends WorkerEntrypoint {
  async fetch(request) {
    const exports = this.ctx.exports;
    const bound = this.env.SUBJECT;
    const path = new URL(request.url).pathname;
    if (path === "/object") return Response.json(await bound.getByName("one").look());
    if (path === "/errors") return Response.json(await this.seeErrors(exports, bound));
    const name = exports.Subject;
    return Response.json({
      keys: Object.keys(exports),
      kinds: [typeof name, typeof exports.Lonely, typeof exports.Lonely({})],
      sameId: name.idFromName("a").toString() === bound.idFromName("a").toString(),
      first: await name.getByName("a").increment(),
      second: await bound.getByName("a").increment(),
      byId: await name.get(bound.idFromName("a")).increment(),
      name: name.getByName("a").name,
      lonely: exports.Lonely.getByName === undefined,
      references: [
        String(name({})),
        String(name({ props: { a: 1 } })),
        String(new name(undefined)),
        String(new exports.Lonely({})),
      ],
      sent: String(await exports.Greeter.echo(exports.Lonely({}))),
      inProps: await exports.Greeter({ props: { value: name({}) } }).kind(),
      stubInProps: await exports.Greeter({ props: { value: name.getByName("a") } }).kind(),
    });
  }

  async seeErrors(exports, bound) {
    const calls = {
      namespaceNoArgument: () => exports.Subject(),
      classNoArgument: () => exports.Lonely(),
      newNoArgument: () => new exports.Lonely(),
      namespaceProps: () => exports.Subject({ props: 5 }),
      classProps: () => exports.Lonely({ props: 5 }),
      noName: () => exports.Subject.getByName(),
      jurisdiction: () => exports.Subject.jurisdiction("eu"),
      sentNamespace: () => exports.Greeter.echo(exports.Subject),
      sentClass: () => exports.Greeter.echo(exports.Lonely),
      cloneNamespace: () => structuredClone(exports.Subject),
      cloneClass: () => structuredClone(exports.Lonely),
      cloneReference: () => structuredClone(exports.Lonely({})),
      putStub: () => bound.getByName("p").put("stub"),
      putNamespace: () => bound.getByName("p").put("namespace"),
      putClass: () => bound.getByName("p").put("class"),
      putCalled: () => bound.getByName("p").put("called"),
      putReference: () => bound.getByName("p").put("reference"),
    };
    const found = {};
    for (const [name, call] of Object.entries(calls)) {
      found[name] = await outcome(call);
    }
    return found;
  }
}
