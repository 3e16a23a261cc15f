// cost.ts: turns bounds of units and dollars into the few words that stand beside a plan.

import type { Bounds, Cost } from './planner.ts';

/** The units of one request; undefined where it takes none. */
export function boundsOf({ atLeast, atMost }: Cost): Bounds | undefined {
  return atLeast === undefined ? undefined : { atLeast, ...(atMost !== undefined && { atMost }) };
}

/** `1 write unit`, `0.5 to 128 read units`, `1 write unit or more`. */
export function units(bounds: Bounds, kind = ''): string {
  const last = bounds.atMost ?? bounds.atLeast;
  return within(bounds, (value) => value.toLocaleString('en'), ` ${kind} ${last === 1 ? 'unit' : 'units'}`);
}

/** `$0.63`, `$0.0625 to $16`, `$0.63 or more`. */
export function dollars(bounds: Bounds): string {
  return within(bounds, (value) => `$${rounded(value)}`);
}

/** In cents, or to two digits where it is less than ten of them. */
function rounded(value: number): string {
  return value >= 0.1 || value === 0
    ? value.toLocaleString('en', { minimumFractionDigits: value % 1 === 0 ? 0 : 2, maximumFractionDigits: 2 })
    : value.toLocaleString('en', { maximumSignificantDigits: 2 });
}

function within({ atLeast, atMost }: Bounds, each: (value: number) => string, unit = ''): string {
  if (atMost === undefined) return `${each(atLeast)}${unit} or more`;
  return `${atMost === atLeast ? '' : `${each(atLeast)} to `}${each(atMost)}${unit}`;
}
