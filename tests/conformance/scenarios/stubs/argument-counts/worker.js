import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  async none() {
    return "none";
  }

  async two(a, b) {
    return `${a} ${b}`;
  }

  async defaulted(a, b = 5) {
    return `${a} ${b}`;
  }

  async rest(a, ...rest) {
    return [a, rest.length, ...rest];
  }

  async options(a, given) {
    return `${a} ${typeof given}`;
  }

  async named({ x, y }) {
    return x - y;
  }
}

export default {
  async fetch(request, env) {
    const stub = env.SUBJECT.getByName("foo");
    const outcome = (promise) => promise.catch((error) => `${error.name}: ${error.message}`);
    return Response.json({
      none: await stub.none(),
      two: await stub.two(1, 2),
      tooMany: await outcome(stub.two(1, 2, 3)),
      tooFew: await outcome(stub.two(1)),
      default: await stub.defaulted(1),
      given: await stub.defaulted(1, 2),
      undefinedArgument: await stub.defaulted(1, undefined),
      rest: await stub.rest(1, 2, 3),
      restEmpty: await stub.rest(1),
      restMany: (await stub.rest(...Array(200).fill(7))).length,
      options: await stub.options(1, { x: 2 }),
      named: await stub.named({ x: 5, y: 3 }),
    });
  },
};
