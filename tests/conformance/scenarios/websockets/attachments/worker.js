import { DurableObject } from "cloudflare:workers";

function outcome(run) {
  try {
    const value = run();
    return value === undefined ? "undefined" : String(value);
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export class Subject extends DurableObject {
  async run() {
    const server = new WebSocketPair()[1];
    const out = {};
    out.unset = server.deserializeAttachment() === null;
    out.beforeAccept = outcome(() => server.serializeAttachment("early"));
    out.early = server.deserializeAttachment();
    this.ctx.acceptWebSocket(server);
    out.stillEarly = server.deserializeAttachment();
    const value = { a: [1, 2], when: new Date(0) };
    server.serializeAttachment(value);
    value.a.push(3);
    const copy = server.deserializeAttachment();
    out.copy = copy;
    out.fresh = copy !== server.deserializeAttachment();
    out.undefinedValue = outcome(() => server.serializeAttachment(undefined));
    out.undefinedBack = String(server.deserializeAttachment());
    out.missing = outcome(() => server.serializeAttachment());
    out.function = outcome(() => server.serializeAttachment(setTimeout));
    out.fits = outcome(() => server.serializeAttachment("x".repeat(16000)));
    out.tooLarge = outcome(() => server.serializeAttachment("x".repeat(17000))).replace(/\d+ bytes\.$/, "N bytes.");
    out.afterFailure = server.deserializeAttachment().length;
    const standard = new WebSocketPair()[1];
    standard.accept();
    standard.serializeAttachment(7);
    out.standard = standard.deserializeAttachment();
    return out;
  }
}

export default {
  async fetch(request, env) {
    return Response.json(await env.SUBJECT.getByName("foo").run());
  },
};
