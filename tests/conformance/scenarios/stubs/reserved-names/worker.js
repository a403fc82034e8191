import { DurableObject } from "cloudflare:workers";

class Base extends DurableObject {
  async inherited() {
    return "inherited";
  }

  async overridden() {
    return "base";
  }

  static shared() {
    return "static";
  }
}

export class Subject extends Base {
  async overridden() {
    return `sub of ${await super.overridden()}`;
  }

  async _one() {
    return "one underscore";
  }

  async fetch_() {
    return "not fetch";
  }

  async with_digits_2() {
    return "digits";
  }

  async été() {
    return "accents";
  }

  plain() {
    return "not async";
  }

  async alarm() {
    return "alarm";
  }

  async webSocketMessage() {
    return "message";
  }

  async webSocketClose() {
    return "close";
  }

  async webSocketError() {
    return "error";
  }

  async dup() {
    return "dup";
  }

  async queue() {
    return "queue";
  }

  async scheduled() {
    return "scheduled";
  }

  async email() {
    return "email";
  }

  async tail() {
    return "tail";
  }

  async trace() {
    return "trace";
  }

  async get() {
    return "get";
  }
}

const NAMES = [
  "inherited", "overridden", "_one", "fetch_", "with_digits_2", "été", "plain", "alarm",
  "webSocketMessage", "webSocketClose", "webSocketError", "dup", "queue", "scheduled", "email", "tail",
  "trace", "get",
];

export default {
  async fetch(request, env) {
    const stub = env.SUBJECT.getByName("foo");
    const out = {};
    for (const name of NAMES) {
      try {
        out[name] = await stub[name]();
      } catch (error) {
        const flags = ["remote", "durableObjectReset"].filter((flag) => error[flag] === true);
        out[name] = [`${error.name}: ${error.message}`, ...flags, error.durableObjectId !== undefined];
      }
    }
    return Response.json(out);
  },
};
