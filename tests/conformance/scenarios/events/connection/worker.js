function listen(source) {
  const log = [];
  source.addEventListener("message", (event) => log.push(`${event.type} ${event.data} id=${event.lastEventId} origin=${event.origin}`));
  source.addEventListener("open", () => log.push(`open ${source.readyState}`));
  return new Promise((resolve) => {
    source.addEventListener("error", (event) => {
      log.push(`error ${source.readyState} ${event.message} ${event.error}`);
      source.close();
      resolve(log);
    });
    setTimeout(() => { source.close(); resolve(log); }, 200);
  });
}

function outcome(run) {
  try {
    return String(run());
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export default {
  async fetch(request) {
    const origin = request.headers.get("x-origin");
    const type = "header=Content-Type:text/event-stream";
    const answer = (query) => `${origin}/answer?${query}`;
    const open = async (...args) => {
      try {
        return await listen(new EventSource(...args));
      } catch (error) {
        return `${error.name}: ${error.message}`;
      }
    };
    const source = new EventSource(answer(`${type}&chunk=data:+x%0A%0A`));
    const early = [source.readyState, source.url, source.withCredentials];
    source.close();
    return Response.json({
      early: [early, source.readyState],
      stream: await open(answer(`${type}&chunk=data:+one%0A%0A&chunk=id:+5%0Adata:+two%0A%0A`)),
      parameters: await open(answer(`header=Content-Type:Text/Event-Stream;charset%3Dutf-8&chunk=data:+one%0A%0A`)),
      wrongType: await open(answer("header=Content-Type:text/plain&body=data:+x%0A%0A")),
      cut: await open(answer(`${type}&chunk=data:+one%0A%0A&cut=1`)),
      created: await open(answer(`${type}&status=201&body=data:+x%0A%0A`)),
      noType: await open(answer("body=data:+x%0A%0A")),
      notFound: await open(answer(`${type}&status=404&body=data:+x%0A%0A`)),
      noContent: await open(answer(`${type}&status=204`)),
      serverError: await open(answer(`${type}&status=500`)),
      refused: await open(request.headers.get("x-refused")),
      redirect: await open(`${origin}/redirect/302?to=${encodeURIComponent(answer(`${type}&chunk=data:+moved%0A%0A`))}`),
      echo: await open(`${origin}/echo`),
      headers: await open(`${origin}/events`),
      badUrl: outcome(() => new EventSource("nope")),
      credentials: outcome(() => new EventSource(answer(type), { withCredentials: true }).withCredentials),
      nothing: outcome(() => new EventSource()),
      fetcher: outcome(() => new EventSource(`${origin}/x`, { fetcher: {} })),
      ftp: await open("ftp://x.test/"),
    });
  },
};
