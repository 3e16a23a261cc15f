// page.mjs: the page's half of the planner's wasm, whose other half is src/page.rs: texts become questions, and answers texts.
// `cargo xtask wasm` puts it beside the wasm as gateleg_wasm.js; the playground's src/lib/wasm.d.ts says what it offers.

let wasm;

/** Loads and compiles the wasm; nothing else may be called before. */
export default async function init({ module_or_path }) {
  const response = await fetch(module_or_path);
  if (!response.ok) throw new Error(`expected the planner at ${module_or_path}, but found status ${response.status}`);
  initSync({ module: await WebAssembly.compile(await response.arrayBuffer()) });
}

/** The same for a module that is compiled already. */
export function initSync({ module }) {
  wasm = new WebAssembly.Instance(module).exports;
}

export const version = () => ask('version').body;
export const preview = (request, context) => ask('preview', request, context);
export const code = (request, context, target, endpoint) => ask('code', request, context, target, endpoint);
export const explain = (request, context) => ask('explain', request, context).body;
export const iam = (requests, context) => ask('iam', requests, context).body;

/** How many bytes of memory the wasm has taken so far. */
export const memory = () => wasm.memory.buffer.byteLength;

function ask(question, ...texts) {
  const encoded = texts.map((text) => new TextEncoder().encode(text));
  const lengths = encoded.map((bytes) => bytes.length);
  const start = wasm.room(lengths.reduce((sum, length) => sum + length, 0));
  // Memory moves when it grows: it is looked at anew after every call.
  let place = start;
  for (const bytes of encoded) {
    new Uint8Array(wasm.memory.buffer).set(bytes, place);
    place += bytes.length;
  }
  const answer = wasm[question](start, ...lengths);
  const [status, from, length] = new Uint32Array(wasm.memory.buffer, answer, 3);
  // Copied out by the decoder, so there is nothing to free.
  return { status, body: new TextDecoder().decode(new Uint8Array(wasm.memory.buffer, from, length)), free() {} };
}
