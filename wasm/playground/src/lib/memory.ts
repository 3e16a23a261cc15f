// memory.ts: turns what the page was showing into what it shows after a reload. Secrets are not its business: connection.ts.

const PAGE = 'gateleg.playground';

export interface Page {
  example: string;
  text: string;
  /** Whether the request is shown as a form. */
  asForm: boolean;
  /** The client that code was last written for. */
  target: string;
  theme: 'system' | 'light' | 'dark';
}

export function recall(): Page | undefined {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PAGE) ?? 'null');
    if (typeof kept !== 'object' || kept === null) return undefined;
    const { example, text, asForm, target, theme } = kept as Partial<Record<keyof Page, unknown>>;
    if (typeof example !== 'string' || typeof text !== 'string') return undefined;
    return {
      example,
      text,
      asForm: typeof asForm === 'boolean' ? asForm : startsAsForm(),
      target: typeof target === 'string' ? target : 'curl',
      theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    };
  } catch {
    // Storage may be switched off; the page works without it.
    return undefined;
  }
}

export function remember(page: Page): void {
  try {
    localStorage.setItem(PAGE, JSON.stringify(page));
  } catch {
    // Full or switched off: forgetting is better than failing.
  }
}

/** Where there is little room and no keyboard, the form comes first. */
export function startsAsForm(): boolean {
  return matchMedia('(max-width: 719px)').matches;
}
