// autocannon.d.ts: the part of autocannon that is used here; the package brings no types.
declare module 'autocannon' {
  function autocannon(options: autocannon.Options): PromiseLike<autocannon.Result>;
  namespace autocannon {
    interface Options {
      readonly url: string;
      readonly connections: number;
      readonly pipelining: number;
      /** Seconds. */
      readonly duration: number;
      /** Milliseconds between samples; a run ends at a sample. */
      readonly sampleInt: number;
      readonly headers: Readonly<Record<string, string>>;
    }
    interface Result {
      readonly requests: { readonly total: number };
      /** Milliseconds. */
      readonly latency: { readonly p50: number; readonly p99: number };
      /** Seconds. */
      readonly duration: number;
      readonly errors: number;
      readonly timeouts: number;
      readonly '4xx': number;
      readonly '5xx': number;
    }
  }
  export = autocannon;
}
