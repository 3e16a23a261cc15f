// memory.ts: turns what the page was showing into what it shows after a reload.
// INVARIANT: the token is kept for this tab only (sessionStorage) and never beside the request.

const PAGE = 'gateleg.playground';
const TOKEN = 'gateleg.token';

export interface Remembered {
  example: string;
  text: string;
}

export function recall(): Remembered | undefined {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PAGE) ?? 'null');
    if (typeof kept !== 'object' || kept === null) return undefined;
    const { example, text } = kept as Partial<Remembered>;
    return typeof example === 'string' && typeof text === 'string' ? { example, text } : undefined;
  } catch {
    // Storage may be switched off; the page works without it.
    return undefined;
  }
}

export function remember(page: Remembered): void {
  keep(() => localStorage.setItem(PAGE, JSON.stringify(page)));
}

export function recallToken(): string | undefined {
  try {
    return sessionStorage.getItem(TOKEN) ?? undefined;
  } catch {
    return undefined;
  }
}

export function rememberToken(token: string | undefined): void {
  keep(() => (token === undefined ? sessionStorage.removeItem(TOKEN) : sessionStorage.setItem(TOKEN, token)));
}

function keep(write: () => void): void {
  try {
    write();
  } catch {
    // Full or switched off: forgetting is better than failing.
  }
}
