// wasi.mjs: turns a test program built for wasm32-wasip1 into its run under Node, as cargo's runner; the folder it is started in
// is all it sees of the disk.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { WASI } from 'node:wasi';

const [program, ...args] = process.argv.slice(2);
const root = resolve(import.meta.dirname, '..');
const wasi = new WASI({
  version: 'preview1',
  args: [program, ...args],
  env: { PROPTEST_CASES: process.env.PROPTEST_CASES ?? '64' },
  preopens: { [root]: root },
});
// Through functions of ours: V8's direct calls into Node's WASI abort the process when the memory has grown (seen with Node 20.20).
const { wasi_snapshot_preview1: calls } = wasi.getImportObject();
for (const [name, call] of Object.entries(calls)) calls[name] = (...values) => call(...values);

const module = new WebAssembly.Module(readFileSync(program));
process.exitCode = wasi.start(new WebAssembly.Instance(module, { wasi_snapshot_preview1: calls }));
