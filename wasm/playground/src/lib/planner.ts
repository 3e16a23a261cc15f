// planner.ts: turns request text into an Outlook, through the planner's wasm; nothing else in the page touches the wasm.

import init, { preview, version } from 'gateleg-wasm/gateleg_wasm.js';
import address from 'gateleg-wasm/gateleg_wasm_bg.wasm?url';
import { readOutlook, type Outlook } from './plan.ts';

export interface Planner {
  readonly version: string;
  plan(request: string): Outlook;
}

export async function loadPlanner(): Promise<Planner> {
  await init({ module_or_path: new URL(address, document.baseURI) });
  return { version: version(), plan };
}

function plan(request: string): Outlook {
  const answer = preview(request, '{}');
  try {
    return readOutlook(answer.status, answer.body);
  } finally {
    answer.free();
  }
}
