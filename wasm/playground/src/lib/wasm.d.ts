// wasm.d.ts: what the page expects of the planner's wasm package, so that type checks need no build of it.

declare module 'gateleg-wasm/gateleg_wasm.js' {
  /** Starts a module that is compiled already; nothing else may be called before. */
  export function initSync(from: { module: WebAssembly.Module | BufferSource }): unknown;
  /** Empties the wasm's heap; to be called before each question, since nothing else gives memory back. */
  export function forget(): void;
  export function version(): string;
  /** Plans `request`: a line with the HTTP status, and then the plan or the error body. Never throws on bad input. */
  export function preview(request: string): string;
  /** `request` as code for `target`, as `gateleg plan --as TARGET --endpoint ENDPOINT` writes it: told as a preview is. Never throws on bad input. */
  export function code(request: string, target: string, endpoint: string): string;
  /** JSON text, `{"words": [..], "cost": {..}, "iam": {..}}`; `{}` for a request that is refused. */
  export function explain(request: string): string;
  /**
   * JSON text, `{"iam": {..}, "refused": [..]}`: one least policy for `requests`, a JSON array of strings, each the text of a
   * request; and the places of those that it leaves out because they are refused. `{}` for any other text.
   */
  export function iam(requests: string): string;
}

/** Where the wasm is: packed as LZMA in a build, as it is under `npm run dev`. vite.config.ts makes this. */
declare module 'gateleg-wasm/gateleg_wasm_bg.wasm?packed' {
  const address: string;
  export default address;
}
