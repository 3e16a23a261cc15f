// size.mjs: holds the built page to what a visitor may have to fetch, gzipped; a KB is 1,024 bytes. `cargo xtask test page` makes
// its wasm as small as it is shipped, builds it and runs this.
//
//     node test/size.mjs [FOLDER]

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const folder = process.argv[2] ?? fileURLToPath(new URL('../dist', import.meta.url));

/** The page's files, each with its bytes as `gzip -9` packs them. */
const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .map((path) => ({ name: path.slice(folder.length + 1), packed: gzipSync(readFileSync(path), { level: 9 }).length }));

/** Most KB that the files of one kind may have together. */
for (const [what, most, belongs] of [
  ['the planner', 90, ({ name }) => name.endsWith('.lzma')],
  ['the whole page', 300, () => true],
]) {
  test(`${what} has at most ${most} KB, gzipped`, () => {
    const chosen = files.filter(belongs);
    const total = chosen.reduce((sum, { packed }) => sum + packed, 0);
    const list = chosen.map(({ name, packed }) => `${packed} ${name}`).join('\n');
    assert.ok(total > 0 && total <= most * 1024, `expected at most ${most * 1024} bytes, but found ${total}:\n${list}`);
  });
}
