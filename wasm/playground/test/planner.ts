// planner.ts: turns request text into the planner's own answer in Node, and a seed into numbers, for the tests beside it.
// The wasm package is the one that `cargo xtask wasm` builds, or GATELEG_WASM's.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { told } from '../src/lib/plan.ts';

/** Where the package is. */
export const folder = process.env.GATELEG_WASM ? `${pathToFileURL(process.env.GATELEG_WASM).href}/` : new URL('../src/wasm/', import.meta.url).href;
if (!existsSync(new URL('gateleg_wasm.js', folder))) throw new Error(`no wasm package in ${folder}; make one with: cargo xtask wasm`);
const wasm = (await import(`${folder}gateleg_wasm.js`)) as {
  initSync(from: { module: Buffer }): unknown;
  forget(): void;
  preview(request: string): string;
};
wasm.initSync({ module: readFileSync(new URL('gateleg_wasm_bg.wasm', folder)) });

/** What the planner answers: the HTTP status, and the plan or the refusal. */
export function preview(request: string): { status: number; body: string } {
  wasm.forget();
  return told(wasm.preview(request));
}

/** What a request would do: the commands byte for byte, or the refusal's status and type. */
export function plan(request: string): string {
  const { status, body } = preview(request);
  if (status !== 200) return `${status} ${/"__type":"(\w+)"/.exec(body)?.[1] ?? body}`;
  return body.slice(0, body.lastIndexOf(',"warnings":['));
}

export const isPlan = (answer: string): boolean => answer.startsWith('{');

/** Every request of the corpus, by file and case. */
export function corpus(): { name: string; request: string }[] {
  const corpus = new URL('../../../core/corpus/', import.meta.url);
  return readdirSync(corpus).flatMap((file) =>
    readFileSync(new URL(file, corpus), 'utf8')
      .split('\n### ')
      .flatMap((part) => {
        const name = `${file}: ${part.split('\n')[0]}`;
        return [...part.matchAll(/^```request\n([^]*?)\n```$/gm)].map((found) => ({ name, request: found[1] ?? '' }));
      }),
  );
}

/** Numbers from 0 up to `below`, the same for the same seed. */
export function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
