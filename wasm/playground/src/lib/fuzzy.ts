// fuzzy.ts: turns what is typed into the entries it may mean, the likeliest first: its letters have to come in this order.

/** Entries that match, best first; with nothing typed, all as they are. */
export function matches<T extends { name: string; group: string; hint?: string }>(typed: string, entries: readonly T[]): T[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const scored = entries.map((entry) => ({ entry, score: scoreOf(words, entry) }));
  // Beside a good match, letters that happen to come in this order are only in the way.
  const least = scored.reduce((best, { score }) => Math.max(best, score), 0) / 4;
  return scored
    .filter(({ score }) => score > 0 && score >= least)
    .sort((one, other) => other.score - one.score)
    .map(({ entry }) => entry);
}

/** Each word in the name, which counts most, or in what stands beside it. */
function scoreOf(words: readonly string[], { name, group, hint = '' }: { name: string; group: string; hint?: string }): number {
  let sum = 1;
  for (const word of words) {
    const score = Math.max(10 * inOrder(word, name), inOrder(word, group), inOrder(word, hint));
    if (score === 0) return 0;
    sum += score;
  }
  // Of two that match alike, the shorter is meant.
  return sum - (words.length > 0 ? name.length / 1000 : 0);
}

/** 0 unless the letters of `word` are found in order; more for beginnings of words, and for neighbours. */
function inOrder(word: string, text: string): number {
  const low = text.toLowerCase();
  let best = 0;
  for (let from = low.indexOf(word.charAt(0)); from >= 0; from = low.indexOf(word.charAt(0), from + 1)) {
    let [score, last] = [0, from - 1];
    for (const letter of word) {
      const at = low.indexOf(letter, last + 1);
      if (at < 0) return best;
      score += begins(text, at) ? 8 : at === last + 1 ? 5 : 1;
      last = at;
    }
    // Letters strewn over the whole text are hardly meant.
    best = Math.max(best, score / (1 + (last - from + 1 - word.length) / 10));
  }
  return best;
}

/** A word begins: after something that is no letter, or with a capital in `batchWrite`. */
function begins(text: string, at: number): boolean {
  const [before, here] = [text.charAt(at - 1), text.charAt(at)];
  return !/[\p{L}\p{N}]/u.test(before) || (/\p{Lu}/u.test(here) && !/\p{Lu}/u.test(before));
}
