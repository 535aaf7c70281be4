import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { isFault } from '@pawl/core';
import type { Notifier } from '@pawl/core';

interface Received {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What every driver of the Notifier port must do; the one given must wait no longer than half a second. */
export function testNotifier(name: string, notifier: Notifier): void {
  async function withReceiver(
    answer: (response: ServerResponse, path: string) => void,
    work: (url: string, received: readonly Received[]) => Promise<void>,
  ): Promise<void> {
    const received: Received[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        received.push({ method: request.method, path: request.url, headers: request.headers, body: Buffer.concat(chunks).toString() });
        answer(response, request.url ?? '');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, received);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  async function assertRefused(url: string, reason: RegExp, headers: Record<string, string> = {}): Promise<void> {
    await assert.rejects(notifier.post(url, { a: 1 }, headers), (error) => {
      assert.ok(isFault(error, 'webhook_failed'), String(error));
      assert.match(error.message, reason);
      assert.doesNotMatch(error.message, /\n|s3cret/);
      assert.ok(error.message.length < 500);
      return true;
    });
  }

  describe(`notifier: ${name}`, () => {
    test('posts JSON once with the headers given, and is content with any 2xx', () =>
      withReceiver(
        (response) => response.writeHead(204).end(),
        async (url, received) => {
          await notifier.post(
            `${url}/hook?x=1`,
            { text: 'é🦆', nested: { list: [1, null] } },
            { authorization: 'Bearer t', 'X-Pawl': '1' },
          );
          assert.equal(received.length, 1);
          const [message] = received;
          assert.deepEqual([message?.method, message?.path, message?.headers['content-type']], ['POST', '/hook?x=1', 'application/json']);
          assert.deepEqual([message?.headers['authorization'], message?.headers['x-pawl']], ['Bearer t', '1']);
          assert.deepEqual(JSON.parse(message?.body ?? ''), { text: 'é🦆', nested: { list: [1, null] } });
        },
      ));

    test('says in one line what the receiver had against it', () =>
      withReceiver(
        (response, path) => {
          if (path === '/500') response.writeHead(500).end('it is\nbroken');
          else if (path === '/404') response.writeHead(404).end();
          else if (path === '/redirect') response.writeHead(302, { location: '/elsewhere' }).end();
          else response.destroy();
        },
        async (url, received) => {
          await assertRefused(`${url}/500`, /answered 500 \(it is broken\)/);
          await assertRefused(`${url}/404`, /answered 404\./);
          await assertRefused(`${url}/redirect`, /302, a redirect, which is not followed/);
          await assertRefused(`${url}/close`, /without an answer/);
          assert.ok(!received.some((message) => message.path === '/elsewhere'));
        },
      ));

    test('waits neither for a silent receiver nor for an endless answer', () =>
      withReceiver(
        (response, path) => {
          if (path === '/silent') return;
          response.writeHead(path === '/flood' ? 500 : 200);
          const pour = (): void => {
            while (!response.destroyed && response.write('x'.repeat(65_536)));
          };
          response.on('drain', pour);
          pour();
        },
        async (url) => {
          const started = performance.now();
          await assertRefused(`${url}/silent`, /no answer within/);
          await assertRefused(`${url}/flood`, /answered 500 \(x{200}…\)/);
          await notifier.post(`${url}/endless`, {}, {});
          assert.ok(performance.now() - started < 5000);
        },
      ));

    test('shows no secret of the address or the headers, and takes only web addresses', async () => {
      await assertRefused('http://127.0.0.1:9/hook/s3cret?token=s3cret', /127\.0\.0\.1:9\/hook\/…/);
      await assertRefused('file:///etc/passwd', /no http or https address/);
      await assertRefused('not a url', /no http or https address/);
      await assertRefused('http://user:s3cret@127.0.0.1:9/', /no user and password/);
      await assertRefused('http://127.0.0.1:9/', /header/, { 'x-token': 's3cret\nmore' });
      const { url, close } = await freePort();
      await close();
      await assertRefused(url, /nothing listens there/);
    });
  });
}

async function freePort(): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: async () => void (await once(server.close(), 'close')) };
}
