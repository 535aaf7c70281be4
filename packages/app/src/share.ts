/** Lets callers that ask for the same within `ms` share one answer. A failure is not kept. */
export function createShare(ms: number): <Value>(what: string, read: () => Promise<Value>) => Promise<Value> {
  const kept = new Map<string, Promise<unknown>>();
  return <Value>(what: string, read: () => Promise<Value>): Promise<Value> => {
    const found = kept.get(what);
    if (found !== undefined) return found as Promise<Value>;
    const answer = read();
    kept.set(what, answer);
    const forget = (): void => void (kept.get(what) === answer && kept.delete(what));
    answer.then(() => setTimeout(forget, ms).unref(), forget);
    return answer;
  };
}
