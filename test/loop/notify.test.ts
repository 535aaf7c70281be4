import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Alert } from '@pawl/core';
import { createWebhookNotifier } from '@pawl/drivers';
import { createAlertNotifier } from '@pawl/engine';
import { START, settle, testOnEach } from './rig.ts';
import type { Rig } from './rig.ts';

interface Post {
  readonly body: {
    readonly version: string;
    readonly status: string;
    readonly groupKey: string;
    readonly receiver: string;
    readonly truncatedAlerts: number;
    readonly groupLabels: Readonly<Record<string, string>>;
    readonly commonLabels: Readonly<Record<string, string>>;
    readonly commonAnnotations: Readonly<Record<string, string>>;
    readonly externalURL: string;
    readonly alerts: readonly Readonly<Record<string, unknown>>[];
  };
  readonly event: string | undefined;
}

/** A receiver that answers with the statuses in turn, the last one for ever. */
async function startReceiver(...statuses: number[]) {
  const posts: Post[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      posts.push({
        body: JSON.parse(Buffer.concat(chunks).toString()) as Post['body'],
        event: request.headers['x-pawl-event'] as string | undefined,
      });
      response.writeHead((statuses.length > 1 ? statuses.shift() : statuses[0]) ?? 200).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const close = () =>
    new Promise<void>((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  return { posts, close, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

const notifierOf = (rig: Pick<Rig, 'ports'>, holder = 'one') =>
  createAlertNotifier({
    ...rig.ports,
    notifier: createWebhookNotifier({ timeoutMs: 2000 }),
    serverUrl: () => 'http://pawl.test:5055',
    holder,
  });

async function watch(rig: Rig, webhook: string | null): Promise<void> {
  await rig.database.transaction((tx) =>
    rig.monitors.define(tx, {
      name: 'spam',
      endpoint: 'spam',
      bucketMs: 1000,
      windowBuckets: 1,
      minRows: 1,
      drift: { features: [], delta: 0.02, q: 0.01, flags: 2, of: 3 },
      quality: { adwinDelta: 0.002, maxErrorRate: null, maxFalsePositiveRate: null },
      webhook,
    }),
  );
}

/** An alert as a monitor leaves it, with its event. */
async function leave(rig: Rig, alert: Alert, type: 'alert.fired' | 'alert.resolved'): Promise<void> {
  const data = { alert: alert.id, monitor: alert.monitor, kind: alert.kind, version: alert.version, summary: alert.summary };
  await rig.database.transaction(async (tx) => {
    if (!(await tx.alerts.insert(alert))) await tx.alerts.update(alert, alert.revision - 1);
    await tx.events.append([
      { id: rig.ids.next(), type, subject: `alert/${alert.id}`, time: rig.clock.now(), actor: 'system:monitor', data },
    ]);
  });
}

const firing: Alert = {
  id: '0123456789abcdef'.repeat(2),
  monitor: 'spam',
  kind: 'quality',
  version: 3,
  state: 'firing',
  pendingAt: START,
  firedAt: START + 5000,
  resolvedAt: null,
  summary: 'error rate rose',
  evidence: {},
  revision: 1,
};
const resolved: Alert = { ...firing, state: 'resolved', resolvedAt: START + 9000, revision: 2 };

testOnEach(
  "fired and resolved alerts arrive in Alertmanager's form, in order and once, also for a process that starts anew",
  async (rig) => {
    const receiver = await startReceiver(200);
    try {
      await watch(rig, receiver.url);
      await leave(rig, firing, 'alert.fired');
      await settle(notifierOf(rig));
      await leave(rig, resolved, 'alert.resolved');
      await settle(notifierOf(rig));
      await settle(notifierOf(rig));
      assert.equal(receiver.posts.length, 2);
      const [fired, ended] = receiver.posts;
      const labels = { alertname: 'pawl_quality', monitor: 'spam', model_version: '3', severity: 'page' };
      const one = {
        labels,
        annotations: { summary: 'error rate rose' },
        startsAt: '2026-01-05T00:00:05.000Z',
        generatorURL: `http://pawl.test:5055/api/v1/alerts/${firing.id}`,
        fingerprint: '0123456789abcdef',
      };
      assert.deepEqual(fired?.body, {
        version: '4',
        groupKey: '{}:{alertname="pawl_quality", monitor="spam"}',
        truncatedAlerts: 0,
        status: 'firing',
        receiver: 'pawl',
        groupLabels: { alertname: 'pawl_quality' },
        commonLabels: labels,
        commonAnnotations: { summary: 'error rate rose' },
        externalURL: 'http://pawl.test:5055',
        alerts: [{ ...one, status: 'firing', endsAt: '0001-01-01T00:00:00Z' }],
      });
      assert.equal(ended?.body.status, 'resolved');
      assert.deepEqual(ended.body.alerts, [{ ...one, status: 'resolved', endsAt: '2026-01-05T00:00:09.000Z' }]);
      const ids = (await rig.events()).filter((event) => event.type.startsWith('alert.')).map((event) => event.id);
      assert.deepEqual(
        receiver.posts.map((post) => post.event),
        ids,
      );
    } finally {
      await receiver.close();
    }
  },
);

testOnEach('a receiver that fails is asked again, ever later, and what comes after waits its turn', async (rig) => {
  const receiver = await startReceiver(503, 500, 200);
  try {
    await watch(rig, receiver.url);
    await leave(rig, firing, 'alert.fired');
    await leave(rig, resolved, 'alert.resolved');
    const notifier = notifierOf(rig);
    await settle(notifier);
    await settle(notifier);
    assert.equal(receiver.posts.length, 1, 'it is not asked again before its time');
    rig.clock.advanceBy(2000);
    await settle(notifier);
    await settle(notifier);
    assert.equal(receiver.posts.length, 2);
    rig.clock.advanceBy(2000);
    await settle(notifier);
    assert.equal(receiver.posts.length, 2, 'the second wait is twice the first');
    rig.clock.advanceBy(2000);
    await settle(notifier);
    assert.deepEqual(
      receiver.posts.map((post) => post.body.status),
      ['firing', 'firing', 'firing', 'resolved'],
    );
    assert.equal(new Set(receiver.posts.slice(0, 3).map((post) => post.event)).size, 1);
  } finally {
    await receiver.close();
  }
});

testOnEach('a receiver that never answers well is given up after eight times, and the next alert is sent', async (rig) => {
  const receiver = await startReceiver(...Array.from({ length: 8 }, () => 500), 200);
  try {
    await watch(rig, receiver.url);
    await leave(rig, firing, 'alert.fired');
    await leave(rig, resolved, 'alert.resolved');
    const notifier = notifierOf(rig);
    const start = rig.clock.now();
    for (let look = 0; look < 600 && receiver.posts.length < 9; look++) {
      await settle(notifier);
      rig.clock.advanceBy(1000);
    }
    assert.deepEqual(
      receiver.posts.map((post) => post.body.status),
      [...Array.from({ length: 8 }, () => 'firing'), 'resolved'],
    );
    const minutes = (rig.clock.now() - start) / 60_000;
    assert.ok(minutes > 3.5 && minutes < 5, `${minutes} minutes`);
    assert.ok(rig.logLines.some((line) => line.startsWith('error') && line.includes('given up')));
  } finally {
    await receiver.close();
  }
});

testOnEach('without a webhook nothing is sent and nothing waits', async (rig) => {
  await watch(rig, null);
  await leave(rig, firing, 'alert.fired');
  await settle(notifierOf(rig));
  assert.equal(await rig.database.read.events.cursor('alert notifier'), (await rig.events()).at(-1)?.seq);
});

testOnEach('of two processes one sends, and keeps its place while it waits to send again', async (rig) => {
  const receiver = await startReceiver(503, 200);
  try {
    await watch(rig, receiver.url);
    const other = await rig.another();
    const [one, two] = [notifierOf(rig), notifierOf(other, 'two')];
    await leave(rig, firing, 'alert.fired');
    await settle(one);
    await settle(two);
    assert.equal(receiver.posts.length, 1);
    rig.clock.advanceBy(2000);
    await Promise.all([settle(one), settle(two)]);
    assert.equal(receiver.posts.length, 2);
    await leave(rig, resolved, 'alert.resolved');
    await Promise.all([settle(two), settle(one)]);
    assert.equal(receiver.posts.length, 3);
  } finally {
    await receiver.close();
  }
});
