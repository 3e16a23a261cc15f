// wasm.d.ts: what the page expects of the planner's wasm package, so that type checks need no build of it.

declare module 'gateleg-wasm/gateleg_wasm.js' {
  /** Loads and compiles the wasm; nothing else may be called before. */
  export default function init(source: { module_or_path: URL }): Promise<unknown>;
  export function version(): string;
  export class Preview {
    readonly status: number;
    readonly body: string;
    free(): void;
  }
  /** Plans `request` under `context`, both JSON text. Never throws on bad input. */
  export function preview(request: string, context: string): Preview;
}
