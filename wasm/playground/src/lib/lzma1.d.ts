// lzma1.d.ts: what the build and the page use of lzma1. They name its files, because its index brings both halves; its own types are
// its sources, which are not checked as strictly as ours.

declare module '*/lzma1/lib/encoder.js' {
  import type { InputBuffer, OutputBuffer } from '*/lzma1/lib/streams.js';
  /** A dictionary of 2 to the power of `searchDepth` bytes, matches of up to `filterStrength` looked for at length; `modeIndex` 1 is the thorough search. */
  export class Encoder {
    /** Sets up a compression. */
    configure(mode: { searchDepth: number; filterStrength: number; modeIndex: number }): void;
    /** How many bits of the byte before, and of the place, tell how likely a byte is; LZMA's lc and pb, and pb's mask. */
    _numLiteralContextBits: number;
    _posStateBits: number;
    _posStateMask: number;
    compress(from: InputBuffer, to: OutputBuffer, mode: { searchDepth: number; filterStrength: number; modeIndex: number }): void;
  }
}

declare module '*/lzma1/lib/decoder.js' {
  import type { InputBuffer, OutputBuffer } from '*/lzma1/lib/streams.js';
  export class Decoder {
    decompress(from: InputBuffer, to: OutputBuffer): void;
  }
}

declare module '*/lzma1/lib/streams.js' {
  export class InputBuffer {
    constructor(bytes: Uint8Array);
  }
  export class OutputBuffer {
    constructor(capacity: number);
    toArray(): Uint8Array<ArrayBuffer>;
  }
}
