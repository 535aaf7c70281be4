/** One keep-alive client of MLflow's REST API, the same for both servers. */
import { performance } from 'node:perf_hooks';

export interface Api {
  post(path: string, body: unknown): Promise<Answer>;
  get(path: string, query: Readonly<Record<string, string>>): Promise<Answer>;
}

// oxlint-disable-next-line typescript/no-explicit-any -- what is asked decides what is answered
type Answer = any;

export function createApi(url: string): Api {
  const send = async (path: string, init: RequestInit): Promise<Answer> => {
    const answer = await fetch(`${url}/api/2.0/mlflow/${path}`, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text.slice(0, 500)}`);
    return JSON.parse(text);
  };
  return {
    post: (path, body) => send(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    get: (path, query) => send(`${path}?${new URLSearchParams(query).toString()}`, {}),
  };
}

/** How long each of `times` calls took, one after the other, in milliseconds, sorted. The first `warm` are not counted. */
export async function measure(times: number, warm: number, call: (turn: number) => Promise<unknown>): Promise<readonly number[]> {
  const took: number[] = [];
  for (let turn = 0; turn < warm + times; turn++) {
    const began = performance.now();
    await call(turn);
    if (turn >= warm) took.push(performance.now() - began);
  }
  return took.toSorted((a, b) => a - b);
}

export const median = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
