// send.ts: turns the editor's exact text into a server's reply, or into plain words about why there is none.

/** The API of the server that served this page; relative, so that a stage prefix is kept. */
const API = new URL('dynamodbmanager', document.baseURI);

export type Sent = { request: string; ms: number } & (
  | { kind: 'reply'; status: number; reason: string; body: string }
  | { kind: 'silence'; message: string; hint: string }
);

export async function send(request: string, token: string | undefined, signal: AbortSignal): Promise<Sent> {
  const started = performance.now();
  const ms = () => Math.round(performance.now() - started);
  const headers = new Headers({ 'content-type': 'application/json' });
  if (token) headers.set('authorization', `Bearer ${token}`);
  try {
    const answer = await fetch(API, { method: 'POST', headers, body: request, signal, credentials: 'same-origin' });
    const body = await answer.text();
    return { kind: 'reply', request, ms: ms(), status: answer.status, reason: reasonOf(answer), body };
  } catch {
    return { kind: 'silence', request, ms: ms(), ...whySilent(signal) };
  }
}

/** A header can carry visible ASCII only. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

function whySilent(signal: AbortSignal): { message: string; hint: string } {
  if (signal.aborted) {
    return {
      message: 'You stopped waiting for the reply.',
      hint: 'The server may still carry the request out. Read the item before you send a write again.',
    };
  }
  return {
    message: `No answer from ${API.host}.`,
    hint: 'Is the server still running, and are you online? Start one with: cargo xtask serve',
  };
}

// HTTP/2 has no reason phrase, so the usual ones are here.
const REASONS: Record<number, string> = {
  200: 'OK', 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 405: 'Method Not Allowed',
  409: 'Conflict', 413: 'Content Too Large', 415: 'Unsupported Media Type', 421: 'Misdirected Request',
  429: 'Too Many Requests', 500: 'Internal Server Error', 501: 'Not Implemented', 502: 'Bad Gateway',
  503: 'Service Unavailable', 504: 'Gateway Timeout',
};

function reasonOf(answer: Response): string {
  return answer.statusText || (REASONS[answer.status] ?? '');
}
