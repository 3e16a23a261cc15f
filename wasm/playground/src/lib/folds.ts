// folds.ts: turns which parts of the library were open into which are open after a reload.

const FOLDS = 'gateleg.open';

export function recallOpen(usual: readonly string[]): Set<string> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(FOLDS) ?? 'null');
    return new Set(Array.isArray(kept) ? kept.filter((each) => typeof each === 'string') : usual);
  } catch {
    return new Set(usual);
  }
}

export function rememberOpen(open: ReadonlySet<string>): void {
  try {
    // Collections come and go, and what they were called stays in the set: the last 200 are enough.
    localStorage.setItem(FOLDS, JSON.stringify([...open].slice(-200)));
  } catch {
    // Full or switched off: forgetting is better than failing.
  }
}
