async function outcome(work) {
  try {
    return await work();
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

const toHex = (buffer) => [...new Uint8Array(buffer)].map((b) => b.toString(16).padStart(2, "0")).join("");

async function written(algorithm, ...chunks) {
  const stream = new crypto.DigestStream(algorithm);
  const writer = stream.getWriter();
  for (const chunk of chunks) await writer.write(chunk);
  await writer.close();
  return [toHex(await stream.digest), Number(stream.bytesWritten)];
}

async function wrongChunk() {
  const stream = new crypto.DigestStream("MD5");
  const writer = stream.getWriter();
  const first = await outcome(() => writer.write(5));
  const later = scheduler.wait(5).then(() => "pending");
  return [first, await outcome(() => Promise.race([stream.digest, later]))];
}

async function aborted() {
  const stream = new crypto.DigestStream("SHA-1");
  await stream.abort(new RangeError("enough"));
  return await outcome(() => stream.digest);
}

async function piped() {
  const stream = new crypto.DigestStream("SHA-512");
  await new Response("piped").body.pipeTo(stream);
  return [toHex(await stream.digest), Number(stream.bytesWritten)];
}

export default {
  async fetch() {
    return Response.json({
      chunks: await written("SHA-256", "ab", new Uint8Array([1]), new Uint8Array([2, 3]).buffer, "é"),
      object: await written({ name: "sha-384" }, "x"),
      nothing: await written("SHA-1"),
      piped: await piped(),
      wrongChunk: await wrongChunk(),
      aborted: await aborted(),
      absent: await outcome(() => new crypto.DigestStream()),
      null: await outcome(() => new crypto.DigestStream(null)),
      unknown: await outcome(() => new crypto.DigestStream("SHA-3")),
      called: await outcome(() => crypto.DigestStream("SHA-1")),
    });
  },
};
