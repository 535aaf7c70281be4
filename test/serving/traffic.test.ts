import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toLogisticOnnx } from './onnx-file.ts';
import type { Stand, StandOptions } from './stand.ts';
import { arm, routeTo, startStand, toRequest } from './stand.ts';

/** Models that only tell who they are: probability = sigmoid(bias). */
const biased = (bias: number) => ({ onnx: toLogisticOnnx({ a: 0 }, bias) });
const packages = { 1: biased(-1), 2: biased(1), 3: biased(2) };
const probabilities: Readonly<Record<string, number>> = { 1: 0.26894, 2: 0.73106, 3: 0.8808 };

interface Answer {
  readonly model_version: string;
  readonly outputs: readonly { readonly data: readonly number[] }[];
}

async function withStand(options: StandOptions, work: (stand: Stand) => Promise<void>): Promise<void> {
  const stand = await startStand(options);
  try {
    await stand.ready();
    await work(stand);
  } finally {
    await stand.close();
  }
}

/** Sends a request and proves that the version it names is the one whose numbers it gives; returns that version. */
async function ask(stand: Stand, rows = 1, key?: string): Promise<string> {
  const response = await stand.infer(
    toRequest({ a: Array.from({ length: rows }, () => 0) }),
    key === undefined ? {} : { 'x-pawl-key': key },
  );
  const text = await response.text();
  assert.equal(response.status, 200, text);
  const answer = JSON.parse(text) as Answer;
  const values = answer.outputs[1]?.data ?? [];
  assert.equal(values.length, rows);
  for (const value of values) assert.ok(Math.abs(value - (probabilities[answer.model_version] ?? NaN)) < 1e-4, text);
  return answer.model_version;
}

test('a hot swap under load fails no request, and the new model answers from then on', async () => {
  await withStand({ packages, routes: [routeTo(arm('stable', 1))] }, async (stand) => {
    const versions = new Set<string>();
    let answered = 0;
    let over = false;
    const clients = Array.from({ length: 8 }, async (_, client) => {
      while (!over) {
        versions.add(await ask(stand, 1 + (client % 3)));
        answered += 1;
      }
    });
    for (const version of [2, 3, 1, 2, 3]) {
      stand.setRoutes(routeTo(arm('stable', version)));
      while ((await ask(stand)) !== String(version)) await new Promise((resolve) => setTimeout(resolve, 2));
      for (let round = 0; round < 20; round++) assert.equal(await ask(stand), String(version));
    }
    over = true;
    await Promise.all(clients);
    assert.deepEqual([...versions].toSorted(), ['1', '2', '3']);
    assert.ok(answered > 100, `${answered} requests under way`);
    assert.ok(stand.records.every((record) => record.code === 'ok'));
  });
});

test('a candidate takes traffic only after it has loaded', async () => {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  const beforeOpen = async (version: number) => (version === 2 ? opened : undefined);
  await withStand({ packages, routes: [routeTo(arm('stable', 1))], beforeOpen }, async (stand) => {
    stand.setRoutes(routeTo(arm('stable', 1, 0), arm('candidate', 2, 1)));
    for (let round = 0; round < 50; round++) assert.equal(await ask(stand), '1');
    assert.ok(
      stand.records.every((record) => record.candidateWeight === null),
      'no evidence before the candidate is warm',
    );
    open();
    while ((await ask(stand)) !== '2') await new Promise((resolve) => setTimeout(resolve, 2));
    assert.deepEqual(
      [stand.records.at(-1)?.arm, stand.records.at(-1)?.candidateWeight, stand.records.at(-1)?.rollout],
      ['candidate', 1, 'r1'],
    );
  });
});

test('a candidate that cannot be loaded leaves stable serving, also when it is all there is at the start', async () => {
  const broken = {
    ...packages,
    9: { onnx: Buffer.from('this is no model') },
    8: { onnx: toLogisticOnnx({ a: 0 }, 0), features: [{ view: 'v', entity: 'e', features: ['nope'] }] },
  };
  for (const version of [7, 8, 9]) {
    await withStand({ packages: broken, routes: [routeTo(arm('stable', 1, 0), arm('candidate', version, 1))] }, async (stand) => {
      for (let round = 0; round < 10; round++) assert.equal(await ask(stand), '1');
      stand.setRoutes(routeTo(arm('stable', version)));
      for (let round = 0; round < 10; round++) assert.equal(await ask(stand), '1');
      stand.setRoutes(routeTo(arm('stable', 2)));
      while ((await ask(stand)) !== '2') await new Promise((resolve) => setTimeout(resolve, 2));
    });
  }
});

test('an endpoint whose only model is broken says so in one line without a place on this machine, and the rest lives', async () => {
  const routes = [routeTo(arm('stable', 1)), { ...routeTo(arm('stable', 9)), endpoint: 'broken' }];
  const stand = await startStand({ packages: { ...packages, 9: { onnx: Buffer.from('this is no model') } }, routes });
  try {
    let error = '';
    while (!error.includes('could not be loaded')) {
      const response = await fetch(`${stand.url}/v2/models/broken/ready`);
      assert.equal(response.status, 503);
      ({ error } = (await response.json()) as { error: string });
    }
    assert.match(
      error,
      /^Endpoint "broken" is not ready: version 9 could not be loaded \(model\.onnx is not a model this server can run: [^\n/]+\)\.$/,
    );
    assert.equal((await fetch(`${stand.url}/v2/health/ready`)).status, 503);
    assert.equal((await fetch(`${stand.url}/v2/health/live`)).status, 200);
    while ((await fetch(`${stand.url}/v2/models/spam/ready`)).status !== 200);
    assert.equal(await ask(stand), '1');
  } finally {
    await stand.close();
  }
});

test('the share of the candidate is its weight within four standard errors, a key keeps its arm, and a rollback is instant', async () => {
  await withStand({ packages, routes: [routeTo(arm('stable', 1, 0.7), arm('candidate', 2, 0.3))] }, async (stand) => {
    const count = 1200;
    const share = async (key: (index: number) => string | undefined): Promise<number> => {
      let candidate = 0;
      for (let from = 0; from < count; from += 24) {
        const versions = await Promise.all(Array.from({ length: 24 }, (_, index) => ask(stand, 1, key(from + index))));
        candidate += versions.filter((version) => version === '2').length;
      }
      return candidate / count;
    };
    const error = Math.sqrt((0.3 * 0.7) / count);
    for (const found of [await share(() => undefined), await share((index) => `user-${index}`)]) {
      assert.ok(Math.abs(found - 0.3) < 4 * error, `share ${found}`);
    }
    for (const key of ['user-1', 'user-2', 'user-3', 'user-4', 'user-5']) {
      const first = await ask(stand, 1, key);
      for (let round = 0; round < 5; round++) assert.equal(await ask(stand, 1, key), first);
      const response = await stand.infer(toRequest({ a: [0] }, { parameters: { sticky_key: key } }));
      assert.equal(((await response.json()) as Answer).model_version, first, 'the parameter and the header are one key');
    }
    const [keyed] = stand.records.filter((record) => record.keyHash !== null);
    assert.match(keyed?.keyHash ?? '', /^[0-9a-f]{14}$/);
    stand.setRoutes(routeTo(arm('stable', 1)));
    for (let round = 0; round < 20; round++) assert.equal(await ask(stand), '1');
  });
});

test('closing answers what was accepted and refuses the rest', async () => {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  let looking = 0;
  const features = {
    lookup: async (_view: string, keys: readonly string[]) => {
      looking += 1;
      await released;
      return keys.map(() => ({ mails: 1 }));
    },
  };
  const onnx = toLogisticOnnx({ a: 0, mails: 0 }, -1);
  const withFeatures = { 1: { onnx, features: [{ view: 'v', entity: 'domain', features: ['mails'] }] } };
  const stand = await startStand({ packages: withFeatures, routes: [routeTo(arm('stable', 1))], features, limits: { maxWaiting: 20 } });
  await stand.ready();
  const request = {
    inputs: [
      { name: 'a', shape: [1], datatype: 'FP32', data: [0] },
      { name: 'domain', shape: [1], datatype: 'BYTES', data: ['x'] },
    ],
  };
  const accepted = Array.from({ length: 20 }, () => stand.infer(request));
  while (looking < 20) await new Promise((resolve) => setTimeout(resolve, 2));
  const refused = await stand.infer(request);
  assert.equal(refused.status, 503, 'a full endpoint refuses');
  assert.match(await refused.text(), /too many requests/);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  const closing = stand.plane.close();
  const late = await stand.infer(request);
  assert.equal(late.status, 503);
  assert.equal((await fetch(`${stand.url}/v2/health/ready`)).status, 503);
  release();
  assert.deepEqual(
    (await Promise.all(accepted)).map((response) => response.status),
    Array(20).fill(200),
  );
  await closing;
  await stand.close();
});

test('thirty swaps leave no thread and no memory behind', async () => {
  await withStand({ packages, routes: [routeTo(arm('stable', 1))] }, async (stand) => {
    const swap = async (count: number): Promise<void> => {
      for (let round = 0; round < count; round++) {
        const version = 1 + (round % 2);
        stand.setRoutes(routeTo(arm('stable', version)));
        while ((await ask(stand)) !== String(version));
      }
    };
    await swap(10);
    const before = process.memoryUsage().rss;
    await swap(30);
    const grown = (process.memoryUsage().rss - before) / 2 ** 20;
    assert.ok(grown < 60, `resident memory grew by ${grown.toFixed(0)} MB`);
    const workers = process.getActiveResourcesInfo().filter((name) => name === 'MessagePort' || name === 'Worker').length;
    assert.ok(workers < 10, `${workers} thread resources are alive`);
  });
});
