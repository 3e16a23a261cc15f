// paste.test.ts: turns what people paste into proof that the request in it is found to the digit, and that no token is kept.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { offer, readPaste } from '../src/lib/paste.ts';
import { commands } from '../src/lib/shell.ts';
import { readShorthand } from '../src/lib/shorthand.ts';
import { isPlan, plan } from './planner.ts';

/** The request, its spaces aside, and what was dropped. */
function check(text: string, from: string, request: string, dropped: string[] = []): void {
  const found = readPaste(text, 'people');
  assert.ok(found && 'request' in found, JSON.stringify(found));
  assert.equal(found.from, from);
  assert.equal(found.request.replaceAll(/\s/g, ''), request.replaceAll(/\s/g, ''));
  assert.deepEqual(found.dropped, dropped);
}

function fault(text: string, said: RegExp): void {
  const found = readPaste(text, 'people');
  assert.ok(found && 'fault' in found, JSON.stringify(found));
  assert.match(found.fault, said);
}

const EXACT = '12345678901234567890.10';
const CREATE = `{"operation": "create", "tableName": "t", "payload": {"Item": {"id": "it's", "n": ${EXACT}}}}`;

test('words are split as bash splits them', () => {
  const words = (text: string) => commands(text).map((each) => each.words.map(({ text: word }) => word));
  assert.deepEqual(words(String.raw`a 'b c' "d \"e\" \x $" f\ g h''i`), [['a', 'b c', 'd "e" \\x $', 'f g', 'hi']]);
  assert.deepEqual(words(String.raw`$'\n\'\x41\xc3\xa9\u00e9\U1F600\101\q' ''`), [["\n'Aéé😀A\\q", '']]);
  assert.deepEqual(words('a \\\n  b # c\nd; e && f | g'), [['a', 'b'], ['d'], ['e'], ['f'], ['g']]);
  assert.deepEqual(words('a\\\r\n b\r\nc'), [['a', 'b'], ['c']]);
  assert.deepEqual(commands("cat >'x y' <<'END'\n$a\nEND\nb"), [
    { words: [{ text: 'cat' }], output: 'x y', stdin: { text: '$a' } },
    { words: [{ text: 'b' }] },
  ]);
  assert.deepEqual(commands('a "$B" \'$C\' `d`')[0]?.words.map(({ open }) => open), [undefined, '$B', undefined, '`d`']);
});

test('the body of a curl call is the request', () => {
  const quoted = `'${CREATE.replace("'", String.raw`'\''`)}'`;
  check(`curl -sS -X POST https://x.example/prod/dynamodbmanager -H 'authorization: Bearer s3cret' -d ${quoted}`, 'curl', CREATE, [
    'address x.example',
    'header authorization',
  ]);
  check(`$ curl --json="${CREATE.replaceAll('"', String.raw`\"`)}" --url http://u:p@h:1/a?token=s3cret`, 'curl', CREATE, ['address h:1']);
  check(`curl 'http://h' \\\n  -XPOST -u me:s3cret --compressed --data-raw $'${CREATE.replace("'", String.raw`\u0027`)}' | jq .`, 'curl', CREATE, [
    'address h',
    'option --user',
  ]);
  check(`curl h --data-binary @- <<'END'\n${CREATE}\nEND\n`, 'curl', CREATE, ['address h']);
  assert.ok(!JSON.stringify(readPaste(`curl https://s3cret@h/s3cret?s3cret -H 's3cret' -b s3cret -H 'a: s3cret' -d '{"operation":"ping"}'`)).replace('header s3cret', '').includes('s3cret'));
});

test("a call of DynamoDB's own endpoint becomes an operation", () => {
  check(
    `curl https://dynamodb.eu-west-1.amazonaws.com/ -H 'X-Amz-Target: DynamoDB_20120810.PutItem' -H 'Authorization: AWS4' -d '{"TableName":"t","Item":{"id":{"N":"${EXACT}"}},"ReturnValues":"ALL_OLD"}'`,
    'curl',
    `{"operation":"create","tableName":"t","payload":{"Item":{"id":{"N":"${EXACT}"}},"ReturnValues":"ALL_OLD"},"options":{"format":"dynamodb"}}`,
    ['address dynamodb.eu-west-1.amazonaws.com', 'header Authorization'],
  );
  fault(`curl h -H 'x-amz-target: DynamoDB_20120810.ListTables' -d '{}'`, /ListTables/);
});

test('the options of the AWS CLI become parameters', () => {
  check(
    `AWS_PROFILE=me aws --region eu-west-1 dynamodb put-item --table-name t --item '{"id": {"S": "1"}, "n": {"N": "${EXACT}"}}' --return-values=ALL_OLD --endpoint-url http://h --output text`,
    'AWS CLI',
    `{"operation":"create","tableName":"t","payload":{"Item":{"id":{"S":"1"},"n":{"N":"${EXACT}"}},"ReturnValues":"ALL_OLD"},"options":{"format":"dynamodb"}}`,
    ['option --region', 'option --endpoint-url', 'option --output'],
  );
  check(
    'aws dynamodb query --table-name t --key-condition-expression "id = :i" --expression-attribute-values \'{":i":{"S":"1"}}\' --no-scan-index-forward --consistent-read --limit 10',
    'AWS CLI',
    '{"operation":"query","tableName":"t","payload":{"KeyConditionExpression":"id = :i","ExpressionAttributeValues":{":i":{"S":"1"}},"ScanIndexForward":false,"ConsistentRead":true,"Limit":10},"options":{"format":"dynamodb"}}',
  );
  check(
    `aws dynamodb get-item --cli-input-json '{"TableName": "t", "Key": {"id": {"S": "1"}}}'`,
    'AWS CLI',
    '{"operation":"read","tableName":"t","payload":{"Key":{"id":{"S":"1"}}},"options":{"format":"dynamodb"}}',
  );
  check('aws dynamodb scan --table-name t', 'AWS CLI', '{"operation":"list","tableName":"t","payload":{},"options":{"format":"dynamodb","all":true}}');
  check(
    'aws dynamodb scan --table-name t --page-size 5 --max-items 7 --attributes-to-get a b',
    'AWS CLI',
    '{"operation":"list","tableName":"t","payload":{"Limit":5,"AttributesToGet":["a","b"]},"options":{"format":"dynamodb","maxItems":7}}',
  );
  check(
    'aws dynamodb update-item --table-name t --key id={S=1},n={N=5} --update-expression "SET #a = :a" --expression-attribute-names \'#a=name\' --expression-attribute-values \':a={L=[{BOOL=true},{S="x, y"}]}\'',
    'AWS CLI',
    '{"operation":"update","tableName":"t","payload":{"Key":{"id":{"S":"1"},"n":{"N":"5"}},"UpdateExpression":"SET #a = :a","ExpressionAttributeNames":{"#a":"name"},"ExpressionAttributeValues":{":a":{"L":[{"BOOL":"true"},{"S":"x, y"}]}}},"options":{"format":"dynamodb"}}',
  );
  check(
    `aws dynamodb batch-get-item --request-items '{"t":{"Keys":[{"id":{"S":"1"}}],"ConsistentRead":true}}'\naws dynamodb batch-get-item --request-items '{"t":{"Keys":[{"id":{"S":"2"}}],"ConsistentRead":true}}'`,
    'AWS CLI',
    '{"operation":"batchRead","payload":{"RequestItems":{"t":{"Keys":[{"id":{"S":"1"}},{"id":{"S":"2"}}],"ConsistentRead":true}}},"options":{"format":"dynamodb"}}',
  );
  check(
    'aws dynamodb delete-item --table-name t --key \'{"id":{"S":"1"}}\'\naws dynamodb scan --table-name t',
    'AWS CLI',
    '{"operation":"delete","tableName":"t","payload":{"Key":{"id":{"S":"1"}}},"options":{"format":"dynamodb"}}',
    ['command 2 of 2'],
  );
});

test('what only a shell or a disk can say is a fault', () => {
  fault('aws dynamodb put-item --table-name t --item file://item.json', /--item is in a file \(file:\/\/item\.json\)/);
  fault('aws dynamodb put-item --cli-input-json file://in.json', /--cli-input-json is in a file/);
  fault('aws dynamodb put-item --table-name "$TABLE" --item \'{}\'', /There is \$TABLE in it/);
  fault('aws dynamodb put-item --table-name t --item id={S=1', /--item is not JSON/);
  fault('aws dynamodb describe-table --table-name t', /DescribeTable/);
  fault('aws dynamodb scan --table-name t --limit x', /whole number/);
  fault('curl h -d @file', /@file/);
  fault('curl h -d "{\\"operation\\": \\"$OP\\"}"', /\$OP/);
  fault('curl h', /no body/);
  fault('curl h -d \'{"a": 1}\'', /no operation/);
  fault('{"body": "x", "requestContext": {}}', /not a JSON object/);
});

test('shorthand', () => {
  assert.equal(readShorthand('a={S="q\\"x"}, b=[{N=1}, {N=2}], c = { M = {} }, d=[]'), '{"a":{"S":"q\\"x"},"b":[{"N":"1"},{"N":"2"}],"c":{"M":{}},"d":[]}');
  for (const text of ['', 'a', 'a=', 'a=b,c', '{a=b}', 'a={b=1', 'a=[1', 'a=1}', '='.repeat(9), `a=${'{a='.repeat(9999)}`]) {
    assert.equal(readShorthand(text), undefined, text.slice(0, 20));
  }
});

test('items, replies and events', () => {
  const typed = `{"id": {"S": "1"}, "n": {"N": "${EXACT}"}}`;
  check(typed, 'DynamoDB JSON item', `{"operation":"create","tableName":"people","payload":{"Item":${typed}},"options":{"format":"dynamodb"}}`);
  const plain = `{"__proto__": {"S": 1}, "n": ${EXACT}}`;
  check(plain, 'item', `{"operation":"create","tableName":"people","payload":{"Item":${plain}}}`);
  check(`{"Item": ${typed}, "ConsumedCapacity": {}}`, 'reply', `{"operation":"create","tableName":"people","payload":{"Item":${typed}},"options":{"format":"dynamodb"}}`, ['ConsumedCapacity']);
  check(`{"Items": [${plain}], "Count": 1}`, 'reply', `{"operation":"batchWrite","tableName":"people","payload":{"Put":[${plain}]}}`, ['Count']);
  check(`{"Item": ${plain}, "id": "1"}`, 'item', `{"operation":"create","tableName":"people","payload":{"Item":{"Item":${plain},"id":"1"}}}`);
  check(CREATE, 'request', CREATE);
  check(`{"version": "2.0", "requestContext": {}, "body": ${JSON.stringify(CREATE)}}`, 'Lambda event', CREATE, ['version', 'requestContext']);
  const encoded = Buffer.from(CREATE.replace("it's", 'é😀')).toString('base64');
  check(`{"headers": {"authorization": "s3cret"}, "isBase64Encoded": true, "body": "${encoded}"}`, 'Lambda event', CREATE.replace("it's", 'é😀'), ['headers']);
});

test('only calls and events are offered in place of what was pasted', () => {
  assert.equal(offer("curl h -d '{\"operation\":\"ping\"}'")?.request, '{"operation":"ping"}');
  for (const text of [CREATE, '{"id": 1}', 'curl h', 'hello', '']) assert.equal(offer(text), undefined, text);
});

test('anything else means nothing', () => {
  for (const text of ['', ' ', 'hello', '[]', '[1]', '{}', '{"a"', '"aws"', 'SELECT * FROM t', 'use curl or aws to send it', 'aws s3 ls', '12', 'null', '\0']) {
    assert.equal(readPaste(text), undefined, text);
  }
});

test('a megabyte of anything is read in a moment, and nothing is thrown', () => {
  const size = 1_000_000;
  const pieces = ["'", '"', '\\', '$', "$'", '`', '<<a ', '\n<<a\n', '{', '[', '{"a":', '="', "a='", '-d ', '--item a={', ' -', '\\x41', '{S=', ',', '#', '"\\', 'curl ', 'aws ', '\n'];
  for (const piece of pieces) {
    for (const head of ['', "curl -d $'", 'aws dynamodb put-item --item a=']) {
      const text = head + piece.repeat(size / piece.length);
      const started = performance.now();
      readPaste(text);
      const ms = performance.now() - started;
      assert.ok(ms < 3000, `${head}${piece}: ${ms} ms`);
    }
  }
});

const GOLDENS = new URL('../../../core/tests/code/', import.meta.url);

test('what gateleg writes for curl, the AWS CLI and Lambda comes back as the same plan', () => {
  const cases = readdirSync(GOLDENS);
  assert.ok(cases.length >= 7);
  for (const name of cases) {
    const read = (file: string) => readFileSync(new URL(`${name}/${file}`, GOLDENS), 'utf8');
    const planned = plan(read('request.json'));
    assert.ok(isPlan(planned));
    for (const file of ['curl.sh', 'aws-cli.sh', 'event.json', 'event-rest.json', 'event-http.json']) {
      const found = readPaste(read(file));
      assert.ok(found && 'request' in found, `${name}/${file}: ${JSON.stringify(found)}`);
      assert.equal(plan(found.request), planned, `${name}/${file}: ${found.request}`);
    }
  }
});
