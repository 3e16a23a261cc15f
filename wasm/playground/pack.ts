// pack.ts: turns bytes into fewer (LZMA), for the build; src/lib/unpack.ts is the other half. The planner, parted, is almost a quarter
// smaller than gzipped by a server.

import { Encoder } from './node_modules/lzma1/lib/encoder.js';
import { InputBuffer, OutputBuffer } from './node_modules/lzma1/lib/streams.js';

/** Half a megabyte holds the whole planner; who unpacks it sets as much aside. */
const MODE = { searchDepth: 19, filterStrength: 128, modeIndex: 1 };

/** What a byte is foretold from: of the one before it two bits, instead of three, and nothing of where it stands. */
class Tuned extends Encoder {
  override configure(mode: typeof MODE): void {
    super.configure(mode);
    this._numLiteralContextBits = 2;
    this._posStateBits = 0;
    this._posStateMask = 0;
  }
}

export function pack(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const output = new OutputBuffer(bytes.length);
  new Tuned().compress(new InputBuffer(bytes), output, MODE);
  return output.toArray();
}
