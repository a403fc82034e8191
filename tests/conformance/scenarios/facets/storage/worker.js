import { DurableObject } from "cloudflare:workers";

export class Child extends DurableObject {
  facet(name) {
    return this.ctx.facets.get(name, () => ({ class: this.ctx.exports.Child }));
  }

  async put(value) {
    await this.ctx.storage.put("key", value);
  }

  async get() {
    return (await this.ctx.storage.get("key")) ?? null;
  }

  async putBelow(value) {
    await this.facet("below").put(value);
  }

  async getBelow() {
    return await this.facet("below").get();
  }

  async deleteAll() {
    await this.ctx.storage.deleteAll();
  }

  async rows() {
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS t (x)");
    this.ctx.storage.sql.exec("INSERT INTO t VALUES (1)");
    return this.ctx.storage.sql.exec("SELECT count(*) AS n FROM t").one().n;
  }
}

async function outcome(call) {
  try {
    return (await call()) ?? null;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export class Subject extends Child {
  async write() {
    for (const name of ["a", "b"]) {
      await this.facet(name).put(name);
      await this.facet(name).putBelow(`below ${name}`);
    }
    await this.put("own");
    return await this.read();
  }

  async read() {
    const values = [await this.get()];
    for (const name of ["a", "b", "copy"]) {
      values.push(await this.facet(name).get(), await this.facet(name).getBelow());
    }
    return values;
  }

  async restarted() {
    this.ctx.facets.abort("a", "restarted");
    return await this.facet("a").get();
  }

  async remove() {
    const stub = this.facet("a");
    await stub.get();
    this.ctx.facets.delete("a");
    return [await outcome(() => stub.get()), await this.read()];
  }

  async clone() {
    const copy = this.facet("copy");
    await copy.put("old");
    this.ctx.facets.clone("b", "copy");
    const results = [await outcome(() => copy.get()), await this.read()];
    await this.facet("copy").put("changed");
    results.push(await this.read());
    this.ctx.facets.clone("copy", "copy");
    this.ctx.facets.clone("nothing", "b");
    results.push(await this.read());
    return results;
  }

  async childDeletesAll() {
    await this.facet("copy").deleteAll();
    return await this.read();
  }

  async sql() {
    return [await this.facet("sql").rows(), await this.facet("sql").rows()];
  }

  async deletesAll() {
    const stub = this.facet("copy");
    await stub.put("again");
    await this.ctx.storage.deleteAll();
    return [await outcome(() => stub.get()), await this.read()];
  }

  async rolledBack() {
    await outcome(() =>
      this.ctx.storage.transaction(async () => {
        await this.put("lost");
        await this.facet("a").put("kept");
        throw new Error("roll back");
      }),
    );
    return [await this.get(), await this.facet("a").get()];
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    return Response.json(await outcome(() => env.SUBJECT.getByName("foo")[method]()));
  },
};
