// unpack.ts: turns a file that the build packed (LZMA, with its length in the head) into its bytes; pack.ts is the other half.

import { Decoder } from '../../node_modules/lzma1/lib/decoder.js';
import { InputBuffer, OutputBuffer } from '../../node_modules/lzma1/lib/streams.js';

/** What is cut short, or no such file, gives an error or some other bytes. */
export function unpack(packed: Uint8Array): Uint8Array<ArrayBuffer> {
  const output = new OutputBuffer(4 * packed.length);
  new Decoder().decompress(new InputBuffer(packed), output);
  return output.toArray();
}
