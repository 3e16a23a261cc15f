// part.ts: turns a wasm module into its bytes sorted by what they mean, for the build; src/lib/weave.ts is the other half.

import { HEAD, KINDS, walk, weave } from './src/lib/weave.ts';

/** The id of the section that holds functions. */
const CODE_SECTION = 10;

/** A module that would not come back as it was, because it has instructions that nobody expected, is refused. */
export function part(module: Uint8Array): Uint8Array<ArrayBuffer> {
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = module[at++] ?? 0;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < module.length && module[at++] !== CODE_SECTION) {
    const size = number();
    at += size;
  }
  if (at >= module.length) throw new Error('expected a wasm module, but found none, or one without functions');
  number();
  const functions = number();
  const start = at;
  const kinds: number[][] = Array.from({ length: KINDS }, () => []);
  for (let index = 0; index < functions; index += 1) {
    const size = number();
    const end = at + size;
    walk((kind, isByte) => {
      const from = at;
      const value = number();
      if (isByte) at = from + 1;
      kinds[kind]?.push(...module.subarray(from, at));
      return isByte ? (module[from] ?? 0) : value;
    });
    if (at !== end) throw new Error(`expected function ${index} to end at byte ${end}, but found its end at ${at}`);
  }
  const head = Uint32Array.of(module.length, start, functions, ...kinds.map((kind) => kind.length));
  const bytes = [new Uint8Array(head.buffer), ...kinds, module.subarray(0, start), module.subarray(at)];
  const parted = new Uint8Array(bytes.reduce((sum, { length }) => sum + length, 0));
  let filled = 0;
  for (const each of bytes) {
    parted.set(each, filled);
    filled += each.length;
  }
  const differs = weave(parted).findIndex((byte, index) => byte !== module[index]);
  if (head.length !== HEAD || differs >= 0) throw new Error(`expected the module back, but found another from byte ${differs}`);
  return parted;
}
