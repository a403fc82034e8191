import { DurableObject } from "cloudflare:workers";

export class Sq extends DurableObject {}
export class Lg extends DurableObject {}

export default {
  async fetch(request, env) {
    return Response.json({
      foo: env.SQ.idFromName("foo").toString(),
      empty: env.SQ.idFromName("").toString(),
      unicode: env.SQ.idFromName("héé😀").toString(),
      otherClass: env.LG.idFromName("foo").toString(),
      number: env.SQ.idFromName(123).equals(env.SQ.idFromName("123")),
    });
  },
};
