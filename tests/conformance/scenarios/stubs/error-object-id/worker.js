import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  boom() {
    throw new Error("boom");
  }
  alarm() {}
}

async function idAndRemote(stub, method) {
  try {
    await stub[method]();
  } catch (error) {
    return [error.durableObjectId === stub.id.toString(), error.remote === true];
  }
}

export default {
  async fetch(request, env) {
    const stub = env.SUBJECT.getByName("foo");
    return Response.json({
      thrown: await idAndRemote(stub, "boom"),
      unknown: await idAndRemote(stub, "nope"),
      alarm: await idAndRemote(stub, "alarm"),
      webSocketMessage: await idAndRemote(stub, "webSocketMessage"),
      webSocketClose: await idAndRemote(stub, "webSocketClose"),
      webSocketError: await idAndRemote(stub, "webSocketError"),
    });
  },
};
