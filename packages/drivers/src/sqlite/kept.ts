/** Statements kept prepared; batches of odd sizes push each other out, the hot ones stay. */
const KEPT = 256;

/** Keeps what was made for the texts used last. */
export function createKept<Value>(make: (text: string) => Value): { get(text: string): Value } {
  const kept = new Map<string, Value>();
  return {
    get(text) {
      let value = kept.get(text);
      if (value === undefined) {
        value = make(text);
        if (kept.size >= KEPT) kept.delete(kept.keys().next().value ?? '');
      } else {
        kept.delete(text);
      }
      // Maps keep the order of insertion: the first is the one unused for longest.
      kept.set(text, value);
      return value;
    },
  };
}
