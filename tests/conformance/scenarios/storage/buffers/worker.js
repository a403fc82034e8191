import { DurableObject } from "cloudflare:workers";

const kind = (value) => Object.prototype.toString.call(value).slice(8, -1);
const bytes = (view) => [...new Uint8Array(view.buffer ?? view, view.byteOffset ?? 0, view.byteLength)];
const shape = (view) => [kind(view), view.byteLength, view.byteOffset, view.buffer.byteLength, bytes(view)];

const KINDS = ["Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array",
  "Uint32Array", "Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array", "DataView"];

export class Subject extends DurableObject {
  async back(value) {
    await this.ctx.storage.put("value", value);
    return this.ctx.storage.get("value");
  }

  async kinds() {
    const buffer = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 0, 255, 254, 253, 252, 251, 128, 127]).buffer;
    const out = [];
    for (const name of KINDS) out.push(shape(await this.back(new globalThis[name](buffer))));
    const back = await this.back(buffer);
    out.push([kind(back), back.byteLength, bytes(back)]);
    return out;
  }

  async windows() {
    const buffer = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7]).buffer;
    return [
      shape(await this.back(new Uint8Array(buffer, 2, 3))),
      shape(await this.back(new Uint16Array(buffer, 2, 2))),
      shape(await this.back(new DataView(buffer, 5))),
      shape(await this.back(new Uint8Array(buffer, 8))),
    ];
  }

  async shared() {
    const buffer = new Uint8Array([1, 2, 3, 4]).buffer;
    const view = new Uint8Array(buffer, 1, 2);
    const back = await this.back({ buffer, view, other: new Uint16Array(buffer), again: view });
    const same = back.view.buffer === back.buffer;
    back.view[0] = 99;
    return { same, others: back.other.buffer === back.buffer, again: back.again === back.view, written: bytes(back.buffer), original: bytes(buffer) };
  }

  async separate() {
    const view = new Uint8Array([1, 2, 3]);
    const put = this.ctx.storage.put("value", view);
    view[0] = 99;
    await put;
    const first = await this.ctx.storage.get("value");
    first[1] = 98;
    const second = await this.ctx.storage.get("value");
    return [bytes(first), bytes(second)];
  }

  async empty() {
    return [
      shape(await this.back(new Uint8Array())),
      shape(await this.back(new Float64Array(0))),
      kind(await this.back(new ArrayBuffer(0))),
      (await this.back([new Uint8Array(), new ArrayBuffer(0)])).map(kind),
    ];
  }

  async detached() {
    const buffer = new ArrayBuffer(4);
    const view = new Uint8Array(buffer);
    structuredClone(buffer, { transfer: [buffer] });
    const out = [buffer.byteLength, view.byteLength];
    for (const value of [buffer, view]) {
      try {
        await this.ctx.storage.put("detached", value);
        out.push("stored");
      } catch (error) {
        out.push(`${error.name}: ${error.message}`);
      }
    }
    return out;
  }

  async resizable() {
    const buffer = new ArrayBuffer(4, { maxByteLength: 16 });
    const back = await this.back(buffer);
    const view = await this.back(new Uint8Array(buffer));
    return [back.byteLength, back.resizable, back.maxByteLength, view.length, view.buffer.resizable];
  }
}

export default {
  async fetch(request, env) {
    const method = new URL(request.url).pathname.slice(1);
    return Response.json(await env.SUBJECT.getByName(method)[method]());
  },
};
