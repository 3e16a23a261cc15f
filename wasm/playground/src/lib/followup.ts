// followup.ts: turns a request and its reply into the request that goes on where the reply ended.
// Keys and items are cut from the reply's text as they stand, so that no digit is lost on the way.

import { member, parse, type Value } from './json.ts';
import { mend, type Step } from './mend.ts';
import { prettyText } from './pretty.ts';

export interface FollowUp {
  /** What the button says. */
  name: string;
  request: string;
}

/** The request for what the reply has left out; undefined if it has left out nothing. */
export function followUp(request: string, reply: string): FollowUp | undefined {
  const root = rootOf(reply);
  const piece = (name: string) => {
    const value = member(reply, root, name)?.value;
    return value && reply.slice(value.start, value.end);
  };
  const next = piece('next');
  if (next !== undefined) return whole('What remains', prettyText(next));
  const [key, continuation] = [piece('LastEvaluatedKey'), piece('Continuation')];
  if (key !== undefined) return whole('Next page', within(request, 'payload', 'ExclusiveStartKey', key));
  if (continuation !== undefined) {
    return whole('Next pages', within(request, 'options', 'continuation', continuation));
  }
  return undefined;
}

function whole(name: string, request: string | undefined): FollowUp | undefined {
  return request === undefined ? undefined : { name, request };
}

/** The request with a member of its payload or options set. */
function within(request: string, object: string, name: string, value: string): string | undefined {
  const present = member(request, rootOf(request), object)?.value;
  const steps: Step[] =
    present?.kind === 'object'
      ? [{ op: 'add', path: `/${object}/${name}`, value }]
      : [{ op: 'add', path: `/${object}`, value: `{"${name}":${value}}` }];
  return mend(request, steps);
}

function rootOf(text: string): Value | undefined {
  const parsed = parse(text);
  return 'root' in parsed ? parsed.root : undefined;
}
