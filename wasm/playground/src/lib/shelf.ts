// shelf.ts: turns collections into the text of a file, and such a text, whoever wrote it, into collections or into what is wrong.
// Only what is named here is read; a request's text is a string in it and stays one.

/** A request with a name. */
export interface Saved {
  id: string;
  name: string;
  text: string;
}

export interface Collection {
  id: string;
  name: string;
  requests: readonly Saved[];
}

/** A request that was sent, when, and what became of it. */
export interface Run {
  id: string;
  text: string;
  /** In milliseconds since 1970. */
  at: number;
  /** 0 when no reply came. */
  status: number;
  ms: number;
}

/** Larger files are refused unread. */
export const MOST_FILE_BYTES = 10_000_000;
export const MOST_NAME = 100;
const KIND = 'collections';
const VERSION = 1;

export function writeCollections(collections: readonly Collection[], withIds = false): string {
  const named = ({ id, name }: Saved | Collection) => ({ ...(withIds && { id }), name });
  const whole = collections.map((each) => ({
    ...named(each),
    requests: each.requests.map((request) => ({ ...named(request), text: request.text })),
  }));
  return JSON.stringify({ gateleg: KIND, version: VERSION, collections: whole }, null, withIds ? 0 : 2);
}

/** All of the collections or none: a file that is wrong in one place is not to be trusted in others. */
export function readCollections(file: string | null): { collections: Collection[] } | { fault: string; newer?: true } {
  if (file === null) return { collections: [] };
  if (file.length > MOST_FILE_BYTES) return { fault: `The file is too large: expected at most ${MOST_FILE_BYTES / 1e6} MB.` };
  let whole: unknown;
  try {
    whole = JSON.parse(file);
  } catch {
    return { fault: 'This is not a file of collections: it is not JSON.' };
  }
  if (own(whole, 'gateleg') !== KIND) return { fault: 'This is not a file of collections: it does not begin with "gateleg": "collections".' };
  const version = own(whole, 'version');
  if (version !== VERSION) {
    if (typeof version === 'number' && version > VERSION) return { fault: `The file is of version ${version}, and this page reads version ${VERSION}.`, newer: true };
    return { fault: `The file has no version that this page knows: expected ${VERSION}.` };
  }
  try {
    const ids = new Set<string>();
    return {
      collections: list(whole, 'collections', '').map((each, at) => ({
        ...head(each, `collections[${at}]`, ids),
        requests: list(each, 'requests', `collections[${at}].`).map((request, nth) => {
          const place = `collections[${at}].requests[${nth}]`;
          return { ...head(request, place, ids), text: text(request, 'text', place) };
        }),
      })),
    };
  } catch (wrong) {
    if (wrong instanceof Wrong) return { fault: `The file cannot be read: ${wrong.message}.` };
    throw wrong;
  }
}

/** What of the history can be read: a run that cannot is one to forget. */
export function readRuns(kept: string | null): Run[] {
  let runs: unknown;
  try {
    runs = JSON.parse(kept ?? '[]');
  } catch {
    return [];
  }
  return (Array.isArray(runs) ? runs : []).flatMap((run: unknown): Run[] => {
    const [id, text, at, status, ms] = ['id', 'text', 'at', 'status', 'ms'].map((name) => own(run, name));
    const sound = typeof id === 'string' && typeof text === 'string' && typeof at === 'number' && typeof status === 'number' && typeof ms === 'number';
    return sound ? [{ id, text, at, status, ms }] : [];
  });
}

// randomUUID is for secure origins only, and a host may be served to a network.
export function freshId(): string {
  return [...crypto.getRandomValues(new Uint32Array(3))].map((each) => each.toString(36)).join('');
}

/** A name as a list can show it. */
export function oneLine(name: string): string {
  return name.slice(0, 10 * MOST_NAME).replace(/[\s\p{Cc}]+/gu, ' ').trim().slice(0, MOST_NAME).trim();
}

class Wrong extends Error {}

function head(value: unknown, place: string, ids: Set<string>): { id: string; name: string } {
  const given = text(value, 'name', place);
  const name = oneLine(given);
  if (!name || given.length > MOST_NAME) throw new Wrong(`${place}.name: expected 1 to ${MOST_NAME} visible characters, but found ${given.length}`);
  const kept = own(value, 'id');
  const id = typeof kept === 'string' && !ids.has(kept) ? kept : freshId();
  ids.add(id);
  return { id, name };
}

function list(value: unknown, name: string, place: string): unknown[] {
  const found = own(value, name);
  if (!Array.isArray(found)) throw new Wrong(`${place}${name}: expected a list, but found ${what(found)}`);
  return found;
}

function text(value: unknown, name: string, place: string): string {
  const found = own(value, name);
  if (typeof found !== 'string') throw new Wrong(`${place}.${name}: expected a string, but found ${what(found)}`);
  return found;
}

/** A member of a value, and nothing that every object has. */
function own(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

function what(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
