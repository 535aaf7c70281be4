/** One keep-alive client of MLflow's REST API, the same for both servers. */
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';

export interface Api {
  post(path: string, body: unknown): Promise<Answer>;
  get(path: string, query: Readonly<Record<string, string>>): Promise<Answer>;
  health(): Promise<void>;
}

// oxlint-disable-next-line typescript/no-explicit-any -- what is asked decides what is answered
type Answer = any;

export function createApi(url: string): Api {
  const send = async (path: string, init: RequestInit): Promise<Answer> => {
    const answer = await again(() => fetch(`${url}/api/2.0/mlflow/${path}`, init));
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text.slice(0, 500)}`);
    return JSON.parse(text);
  };
  return {
    post: (path, body) => send(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    get: (path, query) => send(`${path}?${new URLSearchParams(query).toString()}`, {}),
    async health() {
      await (await again(() => fetch(`${url}/health`))).arrayBuffer();
    },
  };
}

/** The peer closes connections that were idle for five seconds, sometimes just when the next request is on its way. */
async function again(send: () => Promise<Response>): Promise<Response> {
  try {
    return await send();
  } catch {
    return send();
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

const sorted = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => a - b);

export const quantile = (values: readonly number[], share: number): number =>
  sorted(values)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export interface Plan {
  readonly rounds: number;
  /** Calls to each side in a round. */
  readonly each: number;
  /** Calls to each side before anything is counted. */
  readonly warm: number;
}

/**
 * How long each call took, in milliseconds, for each side. The sides take turns in short rounds, so that whatever else the machine does meets both; within a
 * round calls follow one another.
 */
export async function takeTurns<Side>(
  sides: readonly Side[],
  { rounds, each, warm }: Plan,
  call: (side: Side, turn: number) => Promise<unknown>,
): Promise<ReadonlyMap<Side, readonly number[]>> {
  const took = new Map<Side, number[]>(sides.map((side) => [side, []]));
  let turn = 0;
  for (const side of sides) for (let n = 0; n < warm; n += 1) await call(side, (turn += 1));
  for (let round = 0; round < rounds; round += 1) {
    for (const side of sides) for (let n = 0; n < each; n += 1) took.get(side)?.push(await timed(() => call(side, (turn += 1))));
  }
  return took;
}

/** Calls a second when `writers` call at once until there were `calls`. */
export async function throughput(writers: number, calls: number, call: (turn: number) => Promise<unknown>): Promise<number> {
  let turn = 0;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: writers }, async () => {
      while (turn < calls) await call((turn += 1));
    }),
  );
  return (calls / (performance.now() - began)) * 1000;
}

/** How long `work` takes, and what `probe` took meanwhile, again and again, in milliseconds. */
export async function watched(
  work: () => Promise<unknown>,
  probe: () => Promise<void>,
): Promise<{ readonly took: number; readonly probes: readonly number[] }> {
  const probes: number[] = [];
  let over = false;
  const probing = (async () => {
    while (!over) {
      probes.push(await timed(probe));
      await wait(20);
    }
  })();
  const took = await timed(work);
  over = true;
  await probing;
  return { took, probes };
}
