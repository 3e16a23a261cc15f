// planner.ts: turns request text into what the page says of it, through the planner's wasm; nothing else in the page touches the wasm.

import { code, explain, forget, iam, initSync, preview, version } from 'gateleg-wasm/gateleg_wasm.js';
import address from 'gateleg-wasm/gateleg_wasm_bg.wasm?packed';
import { member, parse } from './json.ts';
import { readOutlook, readProblem, told, type Outlook, type Problem } from './plan.ts';
import { unpack } from './unpack.ts';
import { weave } from './weave.ts';

export interface Planner {
  readonly version: string;
  plan(request: string): Outlook;
  /** What a request does, costs and needs; undefined where it is refused. */
  explain(request: string): Explanation | undefined;
  /** The request for another client, as `gateleg plan --as` writes it. */
  code(request: string, target: string, endpoint: string): { code: string } | { problem: Problem };
  /** One policy for all of them, and the places of those that are refused and left out. */
  iam(requests: readonly string[]): { policy: string; refused: number[] };
}

export interface Explanation {
  words: string[];
  cost: Cost;
  /** JSON text. */
  iam: string;
}

/** Units, and dollars per million of such requests. */
export interface Cost {
  kind?: 'read' | 'write';
  atLeast?: number;
  atMost?: number;
  perMillion?: Bounds;
  parts: ({ table: string; bytes?: number; words: string } & Bounds)[];
  prices: { region: string; since: string; source: string; read: number; write: number };
  words: string[];
}

export interface Bounds {
  atLeast: number;
  atMost?: number;
}

export async function loadPlanner(): Promise<Planner> {
  initSync({ module: await load(new URL(address, document.baseURI)) });
  return {
    version: ask(version),
    plan(request) {
      const { status, body } = told(ask(preview, request));
      return readOutlook(status, body);
    },
    explain(request) {
      const text = ask(explain, request);
      // The planner's own words and figures, nothing of the request's numbers: these are read; the policy stays text.
      const { words, cost } = JSON.parse(text) as Partial<Explanation>;
      return words && cost && { words, cost, iam: cut(text, 'iam') };
    },
    code(request, target, endpoint) {
      const { status, body } = told(ask(code, request, target, endpoint));
      return status === 200 ? { code: body } : { problem: readProblem(body, 'error') };
    },
    iam(requests) {
      const text = ask(iam, JSON.stringify(requests));
      return { policy: cut(text, 'iam'), refused: (JSON.parse(text) as { refused?: number[] }).refused ?? [] };
    },
  };
}

async function load(address: URL): Promise<WebAssembly.Module> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`expected the planner at ${address}, but found status ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  try {
    return await WebAssembly.compile(import.meta.env.DEV ? bytes : weave(unpack(bytes)));
  } catch (cause) {
    throw new Error(`expected the planner at ${address}, but found only a part of it, or something else`, { cause });
  }
}

/** Every call of the wasm goes through here. Its heap is emptied first: nothing of an earlier answer is there any more, its text is. */
function ask<Texts extends string[]>(question: (...texts: Texts) => string, ...texts: Texts): string {
  forget();
  return question(...texts);
}

function cut(text: string, name: string): string {
  const parsed = parse(text);
  const value = 'root' in parsed ? member(text, parsed.root, name)?.value : undefined;
  return value ? text.slice(value.start, value.end) : '';
}
