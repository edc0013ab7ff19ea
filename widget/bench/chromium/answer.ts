/** A worker's side of `runInChromium`. */

/** Of the worker's global scope, what this needs. */
interface Scope {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
}

/** Answers the one message that comes with what `measure` gives for it. */
export function answer(measure: (input: never) => Promise<unknown>): void {
  const scope = globalThis as unknown as Scope;
  scope.onmessage = ({ data }) => {
    measure(data as never).then(
      (result) => scope.postMessage({ result }),
      (error: unknown) => scope.postMessage({ error: String(error) }),
    );
  };
}
