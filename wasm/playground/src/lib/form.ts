// form.ts: turns DynamoDB's terms into the words that the form says, and tells its parts what is around them.

import { getContext, setContext } from 'svelte';
import type { Notation } from './convert.ts';
import type { Problem } from './plan.ts';
import type { Surroundings } from './vocabulary.ts';

export interface Around extends Surroundings {
  notation: Notation;
  problems: readonly Problem[];
}

const AROUND = Symbol();

export function surround(around: () => Around): void {
  setContext(AROUND, around);
}

export function around(): () => Around {
  return getContext<() => Around>(AROUND);
}

/** Parameters that stand open, in the order in which they are thought of; the others are folded away. */
export const MAIN: readonly string[] = [
  'TableName',
  'Key',
  'Item',
  'Keys',
  'Put',
  'Delete',
  'RequestItems',
  'TransactItems',
  'KeyConditionExpression',
  'UpdateExpression',
  'FilterExpression',
  'ConditionExpression',
  'ProjectionExpression',
  'IndexName',
  'Limit',
  'ReturnValues',
];

const LABELS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    TableName: 'Table',
    Key: 'Which item',
    Keys: 'Which items',
    Put: 'Items to put',
    Delete: 'Items to delete',
    RequestItems: 'By table',
    TransactItems: 'Actions',
    KeyConditionExpression: 'Find by key',
    UpdateExpression: 'Changes',
    FilterExpression: 'Return only items where',
    ConditionExpression: 'Only on condition that',
    ProjectionExpression: 'Return only these attributes',
    IndexName: 'Index',
    Limit: 'Items per page',
    ReturnValues: 'Return afterwards',
    ReturnValuesOnConditionCheckFailure: 'If the condition fails, return',
    ReturnConsumedCapacity: 'Tell the capacity used',
    ReturnItemCollectionMetrics: 'Tell collection sizes',
    ConsistentRead: 'See the latest writes',
    ScanIndexForward: 'In ascending order',
    ExclusiveStartKey: 'Go on after',
    Select: 'What to return',
    TotalSegments: 'Segments in all',
    ExpressionAttributeNames: 'Placeholders of names',
    ExpressionAttributeValues: 'Placeholders of values',
    ClientRequestToken: 'Token',
    PutRequest: 'Put an item',
    DeleteRequest: 'Delete an item',
    Get: 'Get an item',
    Update: 'Update an item',
    ConditionCheck: 'Check a condition',
    format: 'Notation of values',
    numbers: 'Numbers in the reply',
    dryRun: 'Only show the calls',
    all: 'Follow all pages',
    maxItems: 'Most items in all',
    segments: 'Segments at once',
    continuation: 'Go on at',
    idempotencyKey: 'Token',
  }),
);

export function labelOf(name: string): string {
  return LABELS.get(name) ?? name;
}

/** The problems at one of these places, or below where nothing nearer shows them. */
export function problemsAt(problems: readonly Problem[], pointers: readonly string[], isDeep: boolean): Problem[] {
  return problems.filter(({ path }) => pointers.some((pointer) => path === pointer || (isDeep && path?.startsWith(`${pointer}/`))));
}
