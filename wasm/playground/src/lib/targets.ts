// targets.ts: the clients that a request can be written for; the names are those of `gateleg plan --as`.

export interface Target {
  id: string;
  name: string;
  /** How a file of it is called. */
  file: string;
}

export const TARGETS: readonly Target[] = [
  { id: 'curl', name: 'curl', file: 'request.sh' },
  { id: 'aws-cli', name: 'AWS CLI', file: 'request.sh' },
  { id: 'boto3', name: 'Python, boto3', file: 'request.py' },
  { id: 'javascript', name: 'JavaScript SDK v3', file: 'request.mjs' },
  { id: 'rust', name: 'Rust SDK', file: 'request.rs' },
  { id: 'go', name: 'Go SDK v2', file: 'request.go' },
  { id: 'event', name: 'Lambda event, direct', file: 'event.json' },
  { id: 'event-rest', name: 'Lambda event, REST API', file: 'event.json' },
  { id: 'event-http', name: 'Lambda event, HTTP API', file: 'event.json' },
  { id: 'postman', name: 'Postman collection', file: 'gateleg.postman_collection.json' },
];
