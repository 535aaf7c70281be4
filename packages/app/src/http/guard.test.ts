import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { isForeign, isLoopback } from './guard.ts';

const ask = (headers: Record<string, string>): boolean => isForeign({ headers } as unknown as IncomingMessage);

test('only this machine is loopback', () => {
  for (const host of ['127.0.0.1', '127.8.9.10', 'localhost', 'LOCALHOST', '::1', '[::1]']) assert.equal(isLoopback(host), true, host);
  for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.evil.example', 'localhost.evil.example', ''])
    assert.equal(isLoopback(host), false, host);
});

test('a page of another site, or a name rebound to this address, is foreign; tools and our own pages are not', () => {
  assert.equal(ask({ host: '127.0.0.1:5055' }), false);
  assert.equal(ask({ host: 'localhost:5055', origin: 'http://localhost:5055' }), false);
  assert.equal(ask({ host: '[::1]:5055' }), false);
  assert.equal(ask({}), false);
  assert.equal(ask({ host: '127.0.0.1:5055', origin: 'https://evil.example' }), true);
  assert.equal(ask({ host: '127.0.0.1:5055', origin: 'null' }), true);
  assert.equal(ask({ host: '127.0.0.1:5055', origin: 'http://127.0.0.1:8080' }), true);
  assert.equal(ask({ host: 'evil.example:5055' }), true);
});
