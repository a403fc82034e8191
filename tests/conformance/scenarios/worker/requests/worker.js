export default {
  async fetch(request) {
    const url = new URL(request.url);
    switch (url.pathname) {
      case "/echo":
        return Response.json({
          method: request.method,
          search: url.search,
          host: url.host,
          header: request.headers.get("X-Test"),
          body: await request.text(),
        });
      case "/status":
        return new Response(null, { status: 204, headers: { "X-Answer": "yes" } });
      case "/text":
        return new Response("héé😀");
      case "/bytes":
        return new Response(new Uint8Array([104, 105]));
      case "/redirect":
        return Response.redirect("http://elsewhere.example/", 302);
      case "/throw":
        throw new Error("boom");
      default:
        return new Response("Not found", { status: 404 });
    }
  },
};
