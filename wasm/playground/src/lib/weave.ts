// weave.ts: turns a wasm module whose code stands sorted by what its bytes mean back into the module. part.ts, of the build, is the
// other half: instructions, constants and the numbers of locals are each more like one another than like their neighbours, and pack
// a tenth smaller when each kind stands by itself.

const [CODE, LOCALS, CONSTANT, SET, GET, LOAD, STORE, BLOCK, BRANCH] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const;
export const KINDS = 9;

/** In front stand, 32 bits each: the module's length, where its first function begins, how many there are, and each kind's length. */
export const HEAD = 3 + KINDS;

/** Of which kind the numbers after an instruction are. Those of loads and stores are told by their range; all others have none. */
const OPERANDS: Record<number, readonly number[]> = {
  0x02: [BLOCK],
  0x03: [BLOCK], // loop
  0x04: [BLOCK], // if
  0x0c: [BRANCH],
  0x0d: [BRANCH], // br_if
  0x10: [CODE], // call
  0x11: [CODE, CODE], // call_indirect
  0x20: [GET],
  0x21: [SET],
  0x22: [SET], // local.tee
  0x23: [CODE], // global.get
  0x24: [CODE], // global.set
  0x3f: [CODE], // memory.size
  0x40: [CODE], // memory.grow
  0x41: [CONSTANT],
  0x42: [CONSTANT], // of 64 bits
  0x10a: [CODE, CODE], // memory.copy
  0x10b: [CODE], // memory.fill
};
const LOADED = [CODE, LOAD];
const STORED = [CODE, STORE];

/** Copies the next number of a kind, or its next byte, and says what it is. */
export type Copy = (kind: number, isByte?: boolean) => number;

/** Walks through a function from its locals to its end. Both halves do, so that what is sorted comes back, whatever it means. */
export function walk(copy: Copy): void {
  for (let locals = 2 * copy(LOCALS); locals > 0; locals -= 1) copy(LOCALS);
  for (let depth = 1; depth > 0; ) {
    let instruction = copy(CODE, true);
    if (instruction === 0xfc) instruction = 0x100 + copy(CODE);
    const isAccess = instruction >= 0x28 && instruction <= 0x3e;
    const operands = isAccess ? (instruction < 0x36 ? LOADED : STORED) : OPERANDS[instruction];
    if (operands) for (const kind of operands) copy(kind);
    if (instruction === 0x0e) for (let more = copy(BRANCH); more >= 0; more -= 1) copy(BRANCH);
    if (operands?.[0] === BLOCK) depth += 1;
    if (instruction === 0x0b) depth -= 1;
  }
}

export function weave(parted: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const [length = 0, start = 0, functions = 0, ...lengths] = new Uint32Array(parted.buffer, 0, HEAD);
  let end = 4 * HEAD;
  /** Where the next byte of each kind is. */
  const next = lengths.map((length) => (end += length) - length);
  const module = new Uint8Array(length);
  module.set(parted.subarray(end, end + start));
  let at = start;
  const copy: Copy = (kind, isByte) => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= length) throw new RangeError('expected a module, but found more');
      const byte = parted[next[kind]!++]!;
      module[at++] = byte;
      value |= (byte & 127) << shift;
      if (isByte) return byte;
      if (byte < 128) return value;
    }
  };
  for (let index = 0; index < functions; index += 1) {
    const begin = at;
    walk(copy);
    // In front of a function stands how long it is.
    const size: number[] = [];
    for (let rest = at - begin; rest > 0; rest >>>= 7) size.push(rest > 127 ? (rest & 127) | 128 : rest);
    module.copyWithin(begin + size.length, begin, at);
    module.set(size, begin);
    at += size.length;
  }
  module.set(parted.subarray(end + start), at);
  return module;
}
