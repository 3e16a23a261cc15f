// wasm.d.ts: what the page expects of the planner's wasm package, so that type checks need no build of it.

declare module 'gateleg-wasm/gateleg_wasm.js' {
  /** Loads and compiles the wasm; nothing else may be called before. */
  export default function init(source: { module_or_path: URL }): Promise<unknown>;
  export function version(): string;
  /** The answer of `preview` and `code`: the plan or the code where `status` is 200, otherwise an error body. */
  export class Preview {
    readonly status: number;
    readonly body: string;
    free(): void;
  }
  /** Plans `request` under `context`, both JSON text. Never throws on bad input. */
  export function preview(request: string, context: string): Preview;
  /** `request` as code for `target`, as `gateleg plan --as TARGET --endpoint ENDPOINT` writes it. Never throws on bad input. */
  export function code(request: string, context: string, target: string, endpoint: string): Preview;
  /** JSON text, `{"words": [..], "cost": {..}, "iam": {..}}`; `{}` for a request that is refused. */
  export function explain(request: string, context: string): string;
  /**
   * JSON text, `{"iam": {..}, "refused": [..]}`: one least policy for `requests`, a JSON array of strings, each the text of a
   * request; and the places of those that it leaves out because they are refused. `{}` for any other text.
   */
  export function iam(requests: string, context: string): string;
}
