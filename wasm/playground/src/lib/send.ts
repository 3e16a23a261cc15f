// send.ts: turns the editor's exact text into a server's reply, or into plain words about why there is none.

import { addressOf, headersOf, isLoopback, type Connection } from './connection.ts';

export type Sent = { request: string; ms: number; host: string } & (
  | { kind: 'reply'; status: number; reason: string; body: string; cut: boolean }
  | { kind: 'silence'; message: string; hint: string }
);

/** Replies are at most 6 MB; what is much longer is no reply of ours, and may never end. */
const MAX_REPLY = 32 * 1024 * 1024;

export async function send(request: string, connection: Connection, signal: AbortSignal): Promise<Sent> {
  const url = addressOf(connection);
  const started = performance.now();
  const about = () => ({ request, ms: Math.round(performance.now() - started), host: url.host });
  const headers = new Headers([['content-type', 'application/json'], ...headersOf(connection)]);
  try {
    // A redirect would carry the header on to another address.
    const answer = await fetch(url, { method: 'POST', headers, body: request, signal, credentials: 'same-origin', redirect: 'error' });
    const { body, cut } = await read(answer);
    return { kind: 'reply', ...about(), status: answer.status, reason: reasonOf(answer), body, cut };
  } catch {
    const silence = about();
    return { kind: 'silence', ...silence, ...(await whySilent(url, headers, signal)) };
  }
}

async function read(answer: Response): Promise<{ body: string; cut: boolean }> {
  const reader = answer.body?.getReader();
  const decoder = new TextDecoder();
  let [body, length] = ['', 0];
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) return { body: body + decoder.decode(), cut: false };
    length += value.length;
    body += decoder.decode(value, { stream: true });
    if (length > MAX_REPLY) {
      await reader?.cancel();
      return { body, cut: true };
    }
  }
}

// A browser tells a page only that there was no answer it may see. What it would not say is found out by asking for less: a
// request that needs no leave and whose answer stays hidden says whether somebody answers there at all.
async function whySilent(url: URL, headers: Headers, signal: AbortSignal): Promise<{ message: string; hint: string }> {
  if (signal.aborted) {
    return {
      message: 'You stopped waiting for the reply.',
      hint: 'The server may still carry the request out. Read the item before you send a write again.',
    };
  }
  if (!navigator.onLine && !isLoopback(url.hostname)) {
    return { message: `No answer from ${url.host}: this browser is offline.`, hint: 'The plan needs no network; sending does.' };
  }
  const isOwn = url.origin === location.origin;
  if (!isOwn && (await answers(url, signal))) {
    const names = [...headers.keys()].join(', ');
    return {
      message: `${url.host} answers, but does not let a page of ${location.origin} see its answer (CORS).`,
      hint: `Allow this page there. A gateleg server: --allow-origin ${location.origin}. API Gateway: enable CORS for this origin, the method POST and the headers ${names}. If the server let the request pass and hid only the answer, it was carried out: read before you send a write again.`,
    };
  }
  const hint = isOwn
    ? 'Is the server still running, and are you online? Start one with: cargo xtask serve'
    : isLoopback(url.hostname)
      ? `Nothing listens on port ${url.port || '80'} of this machine, or the browser does not let this page reach it. Start a server with: cargo xtask serve`
      : 'The name may be mistyped, the server may be down, or its certificate may not be valid. Open the address in a tab of its own to see.';
  return { message: `No answer from ${url.host}.`, hint };
}

async function answers(url: URL, signal: AbortSignal): Promise<boolean> {
  try {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(5_000)]);
    await fetch(new URL('/', url), { mode: 'no-cors', credentials: 'omit', cache: 'no-store', signal: patience });
    return true;
  } catch {
    return false;
  }
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
