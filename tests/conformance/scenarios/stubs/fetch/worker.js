import { DurableObject } from "cloudflare:workers";

export class Subject extends DurableObject {
  async fetch(request) {
    return Response.json(
      {
        method: request.method,
        url: request.url,
        header: request.headers.get("x-test"),
        body: await request.text(),
      },
      { status: 201, headers: { "x-answer": "yes" } },
    );
  }
}

async function failure(call) {
  try {
    await call();
    return null;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export default {
  async fetch(request, env) {
    const stub = env.SUBJECT.getByName("foo");
    const { pathname } = new URL(request.url);
    if (pathname === "/forward") return stub.fetch(request);
    if (pathname === "/relative") return Response.json(await failure(() => stub.fetch("/path")));
    if (pathname === "/nothing") return Response.json(await failure(() => stub.fetch()));
    const answer = await stub.fetch("https://object.example:8443/a/b?q=1", {
      method: "PUT",
      headers: { "x-test": "1" },
      body: "hé",
    });
    return Response.json({
      status: answer.status,
      header: answer.headers.get("x-answer"),
      body: await answer.json(),
    });
  },
};
