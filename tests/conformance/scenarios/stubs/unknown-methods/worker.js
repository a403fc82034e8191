import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  count = 5;

  async hello() {
    return "hello";
  }

  async _private() {
    return "private";
  }

  async alarm() {}
}

async function failure(call) {
  try {
    return { value: await call() };
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export default {
  async fetch(request, env) {
    const stub = env.SUBJECT.getByName("foo");
    return Response.json({
      known: await failure(() => stub.hello()),
      underscore: await failure(() => stub._private()),
      unknown: await failure(() => stub.nope()),
      attribute: await failure(() => stub.count()),
      alarm: await failure(() => stub.alarm()),
      webSocketMessage: await failure(() => stub.webSocketMessage()),
      webSocketClose: await failure(() => stub.webSocketClose()),
      webSocketError: await failure(() => stub.webSocketError()),
      stillAlive: await failure(() => stub.hello()),
    });
  },
};
