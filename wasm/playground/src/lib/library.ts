// library.ts: turns what was sent and what was saved into lists that outlive the page, and a file of collections into either.
// A list is read anew before it is changed, so that two tabs lose nothing of each other's.
// INVARIANT: a request is kept as a string, to the letter; no endpoint, token, header or reply is kept here.

import { createSubscriber } from 'svelte/reactivity';
import { freshId, MOST_NAME, oneLine, readCollections, readRuns, writeCollections, type Collection, type Run, type Saved } from './shelf.ts';

/** Both lists are part of localStorage, which holds some five million characters in all. */
const MOST_RUNS = 100;
const MOST_RUN_CHARS = 500_000;
const MOST_COLLECTIONS = 100;
const MOST_REQUESTS = 2_000;

const HISTORY = 'gateleg.history';
const COLLECTIONS = 'gateleg.collections';
const FULL = 'There is no room left in this browser for that, so nothing was changed. Delete some of the history or of the collections.';

/** As much of localStorage as is used here. */
export type Store = Pick<Storage, 'getItem' | 'setItem'>;

/** Why nothing was changed, in words for the person who asked; undefined when it was. */
export type Fault = string | undefined;

export class Library {
  private runs: readonly Run[] = [];
  private sets: readonly Collection[] = [];
  private changed = () => {};
  /** Components that read the lists are drawn anew when another tab has changed them, too. */
  private readonly follow = createSubscriber((update) => {
    this.changed = update;
    const heard = ({ key }: StorageEvent) => (key === null || key === HISTORY || key === COLLECTIONS) && this.refresh();
    addEventListener('storage', heard);
    return () => removeEventListener('storage', heard);
  });

  constructor(private readonly store: Store = localStore()) {
    this.refresh();
  }

  /** Newest first. */
  get history(): readonly Run[] {
    this.follow();
    return this.runs;
  }

  get collections(): readonly Collection[] {
    this.follow();
    return this.sets;
  }

  refresh(): void {
    this.runs = readRuns(this.store.getItem(HISTORY));
    const read = readCollections(this.store.getItem(COLLECTIONS));
    this.sets = 'fault' in read ? [] : read.collections;
    this.changed();
  }

  /** A request that was sent; one after another with the same text count as one. */
  record({ text, at, status, ms }: Omit<Run, 'id'>): void {
    const run = { id: freshId(), text, at, status, ms };
    this.keepRuns((runs) => [run, ...(runs[0]?.text === text ? runs.slice(1) : runs)]);
  }

  forget(id: string): void {
    this.keepRuns((runs) => runs.filter((run) => run.id !== id));
  }

  /** Returns what brings it back. */
  clearHistory(): () => void {
    this.refresh();
    const gone = this.runs;
    this.keepRuns(() => []);
    return () => this.keepRuns((runs) => [...runs, ...gone]);
  }

  /** Puts a request into the collection of that name, which is made where there is none. */
  save(into: string, name: string, text: string, replace = false): { id: string } | { fault: string } {
    const [title, wanted] = [oneLine(into), oneLine(name)];
    if (!title || !wanted) return { fault: 'A request and its collection need a name.' };
    let id = freshId();
    const fault = this.change((collections) => {
      const known = collections.some((each) => each.name === title);
      const all = known ? collections : [...collections, { id: freshId(), name: title, requests: [] }];
      return all.map((each) => {
        if (each.name !== title) return each;
        const old = replace ? each.requests.find((request) => request.name === wanted) : undefined;
        id = old?.id ?? id;
        return { ...each, requests: old ? each.requests.map((it) => (it === old ? { ...it, text } : it)) : added(each.requests, id, wanted, text) };
      });
    });
    return fault === undefined ? { id } : { fault };
  }

  rename(id: string, name: string): Fault {
    const wanted = oneLine(name);
    if (!wanted) return 'It needs a name.';
    return this.each((list) => {
      const taken = list.filter((it) => it.id !== id);
      return taken.length === list.length ? list : list.map((it) => (it.id === id ? { ...it, name: free(wanted, taken) } : it));
    });
  }

  /** Up by a negative number; at the ends it stays. */
  move(id: string, by: number): Fault {
    return this.each((list) => {
      const from = list.findIndex((it) => it.id === id);
      const it = list[from];
      if (!it || !list[from + by]) return list;
      return list.toSpliced(from, 1).toSpliced(from + by, 0, it);
    });
  }

  duplicate(id: string): Fault {
    return this.each((list) => {
      const at = list.findIndex((it) => it.id === id);
      const it = list[at];
      return it ? list.toSpliced(at + 1, 0, copyOf(it, free(it.name, list))) : list;
    });
  }

  /** Returns what brings it back, to where it was. */
  remove(id: string): () => Fault {
    this.refresh();
    const home = this.sets.find((each) => each.requests.some((it) => it.id === id));
    const at = (home?.requests ?? this.sets).findIndex((it) => it.id === id);
    const gone = this.sets[at];
    const request = home?.requests[at];
    this.each((list) => (list.some((it) => it.id === id) ? list.filter((it) => it.id !== id) : list));
    return () =>
      this.change((collections) => {
        if (!home) return gone ? collections.toSpliced(at, 0, gone) : collections;
        // Another tab may have deleted the whole collection since.
        const all = collections.some((each) => each.id === home.id) ? collections : [...collections, { ...home, requests: [] }];
        return all.map((each) => (each.id === home.id && request ? { ...each, requests: each.requests.toSpliced(at, 0, request) } : each));
      });
  }

  /** The file of one collection, or of all. */
  exported(id?: string): string {
    return writeCollections(this.sets.filter((each) => id === undefined || each.id === id));
  }

  /** Adds what is in a file: what is here already is left out, and a name that is taken gets a number. */
  imported(file: string): { told: string } | { fault: string } {
    const read = readCollections(file);
    if ('fault' in read) return read;
    let [fresh, known] = [0, 0];
    const fault = this.change((collections) => {
      const all = [...collections];
      for (const { name, requests } of read.collections) {
        let at = all.findIndex((each) => each.name === name);
        if (at < 0) at = all.push({ id: freshId(), name, requests: [] }) - 1;
        const home = all[at] as Collection;
        let kept = home.requests;
        for (const { name, text } of requests) {
          // `name (2)` with this text came from an earlier import of the same file.
          if (home.requests.some((it) => it.text === text && it.name.replace(NUMBERED, '') === name.replace(NUMBERED, ''))) known += 1;
          else {
            kept = added(kept, freshId(), name, text);
            fresh += 1;
          }
        }
        all[at] = { ...home, requests: kept };
      }
      return all;
    });
    if (fault !== undefined) return { fault };
    return { told: `Imported ${count(fresh, 'request')}${known ? `; ${known} ${known === 1 ? 'was' : 'were'} here already` : ''}.` };
  }

  private keepRuns(change: (runs: readonly Run[]) => readonly Run[]): void {
    let room = MOST_RUN_CHARS;
    let runs: readonly Run[] = change(readRuns(this.store.getItem(HISTORY)))
      .slice(0, MOST_RUNS)
      .filter(({ text }) => {
        const fits = text.length <= room;
        if (fits) room -= text.length;
        return fits;
      });
    for (;;) {
      try {
        this.store.setItem(HISTORY, JSON.stringify(runs));
        break;
      } catch {
        if (runs.length === 0) break;
        // No room: the older half goes.
        runs = runs.slice(0, runs.length >> 1);
      }
    }
    this.refresh();
  }

  /** A change that is the same for requests among requests and for collections among collections. */
  private each(change: <T extends Saved | Collection>(list: readonly T[]) => readonly T[]): Fault {
    return this.change((collections) => change(collections).map((it) => ({ ...it, requests: change(it.requests) })));
  }

  private change(next: (collections: readonly Collection[]) => readonly Collection[]): Fault {
    const read = readCollections(this.store.getItem(COLLECTIONS));
    if ('fault' in read && read.newer) return 'These collections were kept by a newer version of this page; reload it, and try again.';
    const collections = next('fault' in read ? [] : read.collections);
    const requests = collections.reduce((sum, each) => sum + each.requests.length, 0);
    if (collections.length > MOST_COLLECTIONS || requests > MOST_REQUESTS) {
      return `Expected at most ${MOST_REQUESTS} requests in ${MOST_COLLECTIONS} collections, but found ${requests} in ${collections.length}; nothing was changed.`;
    }
    try {
      this.store.setItem(COLLECTIONS, writeCollections(collections, true));
    } catch {
      return FULL;
    }
    this.refresh();
    return undefined;
  }
}

/** "1 request", "2 requests". */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

const NUMBERED = / \(\d+\)$/;

function added(requests: readonly Saved[], id: string, name: string, text: string): Saved[] {
  return [...requests, { id, name: free(name, requests), text }];
}

/** The name, or `name (2)` where it is taken. */
function free(name: string, taken: readonly { name: string }[]): string {
  const names = new Set(taken.map((each) => each.name));
  if (!names.has(name)) return name;
  const stem = name.replace(NUMBERED, '').slice(0, MOST_NAME - 8);
  for (let number = 2; ; number += 1) if (!names.has(`${stem} (${number})`)) return `${stem} (${number})`;
}

function copyOf<T extends Saved | Collection>(it: T, name: string): T {
  const copy = { ...it, id: freshId(), name };
  return 'requests' in copy ? { ...copy, requests: copy.requests.map((each) => ({ ...each, id: freshId() })) } : copy;
}

/** localStorage, or a store for as long as the page is open where that is switched off. */
function localStore(): Store {
  try {
    localStorage.getItem(HISTORY);
    return localStorage;
  } catch {
    const kept = new Map<string, string>();
    return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) };
  }
}
