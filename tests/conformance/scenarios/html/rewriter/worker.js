// Rewrites what the request's body says: {html, chunks, headers, on: [[selector, handlers]...]}, where
// handlers are lists of steps per event and a null selector is the document. Tells the result and
// what the steps noted.
let notes;

function argument(value) {
  if (value?.response !== undefined) return new Response(value.response);
  if (value?.stream !== undefined) return new Response(value.stream).body;
  if (value?.text_stream !== undefined) {
    return new ReadableStream({
      start(controller) {
        controller.enqueue(value.text_stream);
        controller.close();
      },
    });
  }
  return value;
}

const describe = (error) => `${error.name}: ${error.message}`;
const plain = (value) => (value === undefined ? "undefined" : value);

const KEPT = [];
const STEPS = {
  get: (token, property) => notes.push(`${property}: ${plain(token[property])}`),
  set: (token, property, value) => { token[property] = value; },
  note: (token, text) => notes.push(text),
  result: (token, method, ...args) => notes.push(`${method}: ${token[method](...args)}`),
  call: (token, method, ...args) => { token[method](...args.map(argument)); },
  same: (token, method, ...args) => notes.push(`${method}: ${token[method](...args) === token}`),
  attributes: (token) => notes.push([...token.attributes]),
  modify: (token) => {
    const iterator = token.attributes;
    iterator.next();
    token.setAttribute("modified", "1");
    iterator.next();
  },
  end: (token, ...steps) => { token.onEndTag(runner(steps)); },
  keep: (token) => KEPT.push(token),
  kept: (token, property) => plain(KEPT.at(-1)[property]),
  throw: () => { throw new RangeError("mine"); },
};

async function runLater(steps, token) {
  for (const step of steps) {
    if (step[0] === "wait") await scheduler.wait(1);
    else run(step, token);
  }
}

function run([name, ...args], token) {
  if (name === "throw") STEPS.throw();
  try {
    STEPS[name](token, ...args);
  } catch (error) {
    notes.push(`${name} ${args[0] ?? ""}: ${describe(error)}`);
  }
}

function runner(steps) {
  if (steps.some(([name]) => name === "wait")) return (token) => runLater(steps, token);
  return (token) => { for (const step of steps) run(step, token); };
}

function handlersOf(events) {
  const entries = Object.entries(events).map(([name, steps]) => [name, runner(steps)]);
  return Object.fromEntries(entries);
}

function bodyOf({ html, chunks, bytes }) {
  if (bytes !== undefined) return new Uint8Array(bytes);
  if (chunks === undefined) return html;
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });
}

async function rewritten(work) {
  let rewriter = new HTMLRewriter();
  for (const [selector, events] of work.on ?? []) {
    const handlers = handlersOf(events);
    if (selector === null) rewriter = rewriter.onDocument(handlers);
    else rewriter = rewriter.on(selector, handlers);
  }
  const response = rewriter.transform(new Response(bodyOf(work), { headers: work.headers }));
  if (work.bytes !== undefined) return [...new Uint8Array(await response.arrayBuffer())];
  return await response.text();
}

export default {
  async fetch(request) {
    const results = [];
    for (const work of await request.json()) {
      notes = [];
      const result = await rewritten(work).catch(describe);
      results.push({ title: work.title, result, notes });
    }
    return Response.json(results);
  },
};
