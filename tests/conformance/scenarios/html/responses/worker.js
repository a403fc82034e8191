async function outcome(work) {
  try {
    const value = await work();
    return value === undefined ? "undefined" : value;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

class Marker {
  constructor(mark) {
    this.mark = mark;
  }
  element(element) {
    element.after(this.mark);
  }
  comments(comment) {
    comment.remove();
  }
  text(text) {
    if (text.lastInTextNode) text.after("|");
  }
}

const copied = async () => {
  const headers = { a: "b", "content-length": "8", "content-type": "application/json" };
  const made = new Response("<p>x</p>", { status: 201, statusText: "Made", headers });
  const response = new HTMLRewriter().on("p", new Marker("!")).transform(made);
  response.headers.set("c", "d");
  return [response.status, response.statusText, [...response.headers], await response.text()];
};

const used = async () => {
  const response = new Response("<p>");
  await response.text();
  return await new HTMLRewriter().transform(response).text();
};

const locks = async () => {
  const response = new Response("<p>");
  const rewritten = new HTMLRewriter().transform(response);
  return [response.bodyUsed, await rewritten.text(), response.bodyUsed];
};

const withoutBody = async () => {
  const response = new Response(null, { status: 204 });
  const rewriter = new HTMLRewriter().onDocument({ end: (end) => end.append("x") });
  return [rewriter.transform(response) === response, await response.text()];
};

const twice = async () => {
  const rewriter = new HTMLRewriter().on("p", new Marker("!"));
  const first = await rewriter.transform(new Response("<p></p>")).text();
  rewriter.on("b", new Marker("?"));
  return [first, await rewriter.transform(new Response("<p></p><b></b>")).text()];
};

const chained = async () => {
  const inner = new HTMLRewriter().on("p", { element: (p) => p.append("<b>", { html: true }) });
  const outer = new HTMLRewriter().on("b", { element: (b) => b.after("outer") });
  return await outer.transform(inner.transform(new Response("<p>x</p>"))).text();
};

const cancelled = async () => {
  const response = new HTMLRewriter().on("p", new Marker("!")).transform(new Response("<p>x</p>"));
  await response.body.cancel("enough");
  return response.bodyUsed;
};

const large = async () => {
  let count = 0;
  const rewriter = new HTMLRewriter().on("p", { element: () => { count += 1; } });
  const text = await rewriter.transform(new Response("<p>x</p>".repeat(5000))).text();
  return [count, text.length];
};

const insertedStreams = async () => {
  const notes = [];
  const response = new Response("<b>r</b>");
  const rewriter = new HTMLRewriter().on("p", {
    element(p) {
      p.before(response, { html: true });
      notes.push(response.bodyUsed);
    },
  });
  const first = await rewriter.transform(new Response("<p>x</p>")).text();
  const second = await outcome(() => rewriter.transform(new Response("<p>y</p>")).text());
  return [first, second, notes];
};

const insertedFailure = async () => {
  const stream = new ReadableStream({ start: (c) => c.error(new RangeError("bad")) });
  const rewriter = new HTMLRewriter().on("p", { element: (p) => p.before(stream) });
  return await rewriter.transform(new Response("<p>x</p>")).text();
};

const errors = async () => {
  const rewriter = new HTMLRewriter();
  const works = [
    () => rewriter.on(),
    () => rewriter.on("p"),
    () => rewriter.on("p", 5),
    () => rewriter.on("p", { element: 5 }),
    () => rewriter.on("p", { comments: "x" }),
    () => rewriter.on(5, {}),
    () => rewriter.onDocument(),
    () => rewriter.onDocument(5),
    () => rewriter.onDocument({ end: 5 }),
    () => rewriter.transform(),
    () => rewriter.transform("x"),
    () => rewriter.transform(Response.error()),
    () => String(rewriter),
    () => [rewriter.on("p", {}) === rewriter, rewriter.onDocument({}) === rewriter],
  ];
  return await Promise.all(works.map(outcome));
};

const WORKS = {
  copied, used, locks, withoutBody, twice, chained, cancelled, large,
  insertedStreams, insertedFailure, errors,
};

export default {
  async fetch(request) {
    const name = new URL(request.url).pathname.slice(1);
    if (name === "served") {
      const rewriter = new HTMLRewriter().on("p", new Marker("!"));
      return rewriter.transform(new Response("<p>x<!--c--></p>", { headers: { "x-a": "b" } }));
    }
    return Response.json(await outcome(WORKS[name]));
  },
};
