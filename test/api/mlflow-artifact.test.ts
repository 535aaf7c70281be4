import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { after, before, test } from 'node:test';
import { startStand } from './stand.ts';
import type { Body, Stand } from './stand.ts';

let stand: Stand;
let server: string;
let experiment: number;
let run: string;

before(async () => {
  stand = await startStand();
  server = await stand.listen();
  const made = await stand.call('POST', '/runs', { experiment: 'artifacts', name: 'r' });
  ({ id: run, experiment } = made);
});
after(() => stand.close());

const FILES = '/api/2.0/mlflow-artifacts/artifacts';

const put = (path: string, content: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${server}${FILES}/${path}`, { method: 'PUT', body: content, headers });
const get = (path: string, headers: Record<string, string> = {}): Promise<Response> => fetch(`${server}${FILES}/${path}`, { headers });
const list = async (path: string): Promise<Body> => (await fetch(`${server}${FILES}?path=${encodeURIComponent(path)}`)).json();
const root = (): string => `${experiment}/${run}/artifacts`;

async function refusal(response: Response): Promise<unknown[]> {
  const { error_code: code, message } = (await response.json()) as Body;
  return [response.status, code, message];
}

/** Sends a path as it is: fetch would resolve its dots. */
async function askRaw(method: string, path: string): Promise<unknown[]> {
  const { hostname, port } = new URL(server);
  const call = request({ hostname, port, method, path }).end(method === 'PUT' ? 'x' : undefined);
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  const { error_code: code, message } = JSON.parse((await response.toArray()).join('')) as Body;
  return [response.statusCode, code, message];
}

test('files of a run go in and out, and are those of the native API', async () => {
  const sent = await put(`${root()}/model/MLmodel`, 'flavors: {}', { 'content-type': 'text/plain' });
  assert.deepEqual([sent.status, await sent.json()], [200, {}]);
  await put(`${root()}/empty`, '');
  await put(`${root()}/a%2Bb%20%25é.png`, Uint8Array.of(1, 2, 3));
  assert.deepEqual(await list(root()), {
    files: [
      { path: 'a+b %é.png', is_dir: false, file_size: 3 },
      { path: 'empty', is_dir: false, file_size: 0 },
      { path: 'model', is_dir: true },
    ],
  });
  const listed = await fetch(`${server}/ajax-api/2.0/mlflow/artifacts/list?run_uuid=${run}&path=model`);
  assert.deepEqual(await listed.json(), {
    root_uri: `mlflow-artifacts:/${root()}`,
    files: [{ path: 'model/MLmodel', is_dir: false, file_size: 11 }],
  });
  const native = await stand.call('GET', `/runs/${run}/artifacts`);
  assert.deepEqual(
    native.items.map(({ path }: Body) => path),
    ['a+b %é.png', 'empty', 'model/MLmodel'],
  );
  const picture = await get(`${root()}/a%2Bb%20%25é.png`);
  assert.deepEqual([...new Uint8Array(await picture.arrayBuffer())], [1, 2, 3]);
  assert.equal(picture.headers.get('content-type'), 'image/png');
  assert.equal(picture.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(picture.headers.get('content-disposition'), `attachment; filename="a+b __.png"; filename*=UTF-8''a%2Bb%20%25%C3%A9.png`);
  assert.equal(await (await fetch(`${server}/get-artifact?run_id=${run}&path=model/MLmodel`)).text(), 'flavors: {}');
  assert.equal(await (await get(`${root()}/empty`)).text(), '');
});

test('an artifact may come after the run has ended, and the last one wins', async () => {
  const { id } = await stand.call('POST', '/runs', { experiment: 'artifacts' });
  await stand.call('POST', `/runs/${id}/end`, {});
  await put(`${experiment}/${id}/artifacts/x`, '1');
  await put(`${experiment}/${id}/artifacts/x`, '22');
  assert.equal(await (await get(`${experiment}/${id}/artifacts/x`)).text(), '22');
});

test('a part of a file, and only what changed', async () => {
  await put(`${root()}/letters`, 'abcdefghij');
  const whole = await get(`${root()}/letters`);
  assert.equal(whole.headers.get('accept-ranges'), 'bytes');
  assert.equal(whole.headers.get('content-length'), '10');
  const etag = whole.headers.get('etag') ?? '';
  await whole.text();
  const part = async (range: string, headers: Record<string, string> = {}) => {
    const response = await get(`${root()}/letters`, { range, ...headers });
    return [response.status, await response.text(), response.headers.get('content-range')];
  };
  assert.deepEqual(await part('bytes=2-4'), [206, 'cde', 'bytes 2-4/10']);
  assert.deepEqual(await part('bytes=-3'), [206, 'hij', 'bytes 7-9/10']);
  assert.deepEqual(await part('bytes=8-', { 'if-range': etag }), [206, 'ij', 'bytes 8-9/10']);
  assert.deepEqual(await part('bytes=8-', { 'if-range': '"other"' }), [200, 'abcdefghij', null]);
  assert.deepEqual(await part('bytes=10-'), [416, '', 'bytes */10']);
  assert.equal((await get(`${root()}/letters`, { 'if-none-match': etag })).status, 304);
  const head = await fetch(`${server}${FILES}/${root()}/letters`, { method: 'HEAD' });
  assert.deepEqual([head.status, head.headers.get('content-length'), await head.text()], [200, '10', '']);
});

test('what is not there, and what is a folder', async () => {
  await put(`${root()}/folder/file`, 'x');
  assert.deepEqual(await refusal(await get(`${root()}/none`)), [404, 'RESOURCE_DOES_NOT_EXIST', 'There is no artifact at "none".']);
  assert.deepEqual((await refusal(await get(`${root()}/folder`))).slice(0, 2), [400, 'INVALID_PARAMETER_VALUE']);
  assert.deepEqual((await refusal(await put(`${root()}/folder`, 'x'))).slice(0, 2), [400, 'INVALID_PARAMETER_VALUE']);
  assert.deepEqual((await refusal(await put(`${root()}/folder/file/below`, 'x'))).slice(0, 2), [400, 'INVALID_PARAMETER_VALUE']);
  for (const path of [`${root()}/none`, `${root()}/folder/file`, 'none']) assert.deepEqual(await list(path), {});
  const unknown = await fetch(`${server}/api/2.0/mlflow/artifacts/list?run_id=${'0'.repeat(32)}`);
  assert.deepEqual(await refusal(unknown), [404, 'RESOURCE_DOES_NOT_EXIST', `Run with id=${'0'.repeat(32)} not found`]);
});

test('deleting takes a file or all below a folder; what is absent is fine; the root stays', async () => {
  const remove = (path: string): Promise<Response> => fetch(`${server}${FILES}/${path}`, { method: 'DELETE' });
  for (const name of ['d/a', 'd/b/c', 'd2']) await put(`${root()}/gone/${name}`, 'x');
  assert.deepEqual([(await remove(`${root()}/gone/d`)).status, (await remove(`${root()}/gone/d`)).status], [200, 200]);
  assert.deepEqual(await list(`${root()}/gone`), { files: [{ path: 'd2', is_dir: false, file_size: 1 }] });
  await remove(`${root()}/gone/d2/`);
  assert.deepEqual(await list(`${root()}/gone`), {});
  assert.deepEqual(await refusal(await remove('')), [400, 'INVALID_PARAMETER_VALUE', 'Invalid path']);
});

test('paths that leave their folder are refused by every route', async () => {
  const bad = [400, 'INVALID_PARAMETER_VALUE', 'Invalid path'];
  const names = ['%2e%2e/x', 'a/%2e%2e/%2e%2e/x', '%2e%2e%2fx', '%2fetc/passwd', 'C:/x', 'a%5c..%5cx', 'a%00b'];
  for (const name of names) {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const url = `${FILES}/${name}`;
      assert.deepEqual(await askRaw(method, url), bad, `${method} ${name}`);
    }
    for (const url of [
      `${FILES}?path=${name}`,
      `/api/2.0/mlflow/artifacts/list?run_id=${run}&path=${name}`,
      `/get-artifact?run_id=${run}&path=${name}`,
      `/api/2.0/mlflow-artifacts/presigned/${name}`,
    ]) {
      assert.deepEqual(await askRaw('GET', url), bad, url);
    }
  }
});

test('a path may be long and odd; what cannot be decoded is told in the shape of the protocol', async () => {
  const long = `${root()}/${'é/'.repeat(300)}x`;
  assert.equal((await put(long.split('/').map(encodeURIComponent).join('/'), 'long')).status, 200);
  assert.equal(await (await get(long.split('/').map(encodeURIComponent).join('/'))).text(), 'long');
  const [status, code] = await askRaw('GET', `${FILES}/%E0%A4%A`);
  assert.deepEqual([status, code], [400, 'INVALID_PARAMETER_VALUE']);
});

test('a client that breaks off leaves nothing', async () => {
  const { hostname, port } = new URL(server);
  const call = request({ hostname, port, method: 'PUT', path: `${FILES}/${root()}/broken`, headers: { 'content-length': '100' } });
  call.on('error', () => {});
  call.write('begun');
  await new Promise((done) => setTimeout(done, 100));
  call.destroy();
  await new Promise((done) => setTimeout(done, 200));
  assert.equal((await get(`${root()}/broken`)).status, 404);
  assert.deepEqual(stand.errors, []);
});

test('content of unknown length streams in', async () => {
  const { hostname, port } = new URL(server);
  const call = request({ hostname, port, method: 'PUT', path: `${FILES}/${root()}/chunked` });
  for (const piece of ['one ', 'two ', 'three']) call.write(piece);
  call.end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  assert.deepEqual([response.statusCode, (await response.toArray()).join('')], [200, '{}']);
  assert.equal(await (await get(`${root()}/chunked`)).text(), 'one two three');
});

test('a file of a model version, wherever its version was made from', async () => {
  await put(`${root()}/m/MLmodel`, 'flavors: {}');
  const post = async (path: string, body: object): Promise<Body> => {
    const headers = { 'content-type': 'application/json' };
    return (await fetch(`${server}/api/2.0/mlflow/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).json();
  };
  await post('registered-models/create', { name: 'pages' });
  const { model_version: made } = await post('model-versions/create', {
    name: 'pages',
    source: `mlflow-artifacts:/${root()}/m`,
    run_id: run,
  });
  assert.equal(made.version, '1');
  const page = (path: string): Promise<Response> => fetch(`${server}/model-versions/get-artifact?name=pages&version=1&path=${path}`);
  assert.equal(await (await page('MLmodel')).text(), 'flavors: {}');
  assert.equal((await page('none')).status, 404);
  assert.deepEqual(await refusal(await page('..%2fMLmodel')), [400, 'INVALID_PARAMETER_VALUE', 'Invalid path']);
});

test('a path that is nobody’s is kept by itself, and no run’s files are reached under another root', async () => {
  await put(`${root()}/mine`, 'mine');
  await put('some/where/file', 'free');
  assert.equal(await (await get('some/where/file')).text(), 'free');
  assert.deepEqual(await list('some'), { files: [{ path: 'where', is_dir: true }] });
  assert.equal((await get(`other/${run}/artifacts/mine`)).status, 404);
  await fetch(`${server}${FILES}/other/${run}/artifacts`, { method: 'DELETE' });
  assert.equal((await get(`${root()}/mine`)).status, 200);
});

test('a file in parts', async () => {
  const json = { 'content-type': 'application/json' };
  const post = (act: string, body: object): Promise<Response> =>
    fetch(`${server}/api/2.0/mlflow-artifacts/mpu/${act}/${root()}/big`, { method: 'POST', headers: json, body: JSON.stringify(body) });
  const path = '/home/me/big.bin';
  const begun = (await (await post('create', { path, num_parts: 3 })).json()) as Body;
  assert.deepEqual(
    begun.credentials.map((each: Body) => [each.part_number, each.headers]),
    [
      [1, {}],
      [2, {}],
      [3, {}],
    ],
  );
  const send = async (part: number, content: string) => {
    const response = await fetch(begun.credentials[part - 1].url, { method: 'PUT', body: content });
    return { part_number: part, etag: response.headers.get('etag'), url: begun.credentials[part - 1].url };
  };
  const third = await send(3, 'ghi');
  const wrong = await send(2, 'xxx');
  const parts = [await send(1, 'abc'), await send(2, 'def'), third];
  const complete = (claimed: object[]) => post('complete', { path, upload_id: begun.upload_id, parts: claimed });
  assert.match(
    String(await refusal(await complete(parts.slice(0, 2)))),
    /^400,INVALID_PARAMETER_VALUE,.*3 parts were sent, and 2 are named/,
  );
  assert.match(String(await refusal(await complete([parts[0] as object, wrong, third]))), /part 2 is not the one named/);
  const forged = begun.credentials[0].url.replace(/token=.*/, 'token=x');
  assert.equal((await fetch(forged, { method: 'PUT', body: 'x' })).status, 404);
  assert.equal((await complete(parts)).status, 200);
  assert.equal(await (await get(`${root()}/big/big.bin`)).text(), 'abcdefghi');
  assert.equal((await complete(parts)).status, 404);
  const dropped = (await (await post('create', { path, num_parts: 1 })).json()) as Body;
  assert.equal((await post('abort', { path, upload_id: dropped.upload_id })).status, 200);
  assert.equal((await fetch(dropped.credentials[0].url, { method: 'PUT', body: 'x' })).status, 404);
  const presigned = await fetch(`${server}/api/2.0/mlflow-artifacts/presigned/${root()}/big/big.bin`);
  const { url, file_size: size } = (await presigned.json()) as Body;
  assert.equal(size, 9);
  assert.equal(await (await fetch(url, { headers: { range: 'bytes=3-5' } })).text(), 'def');
});

for (const place of ['s3://bucket/ml', 'file:///shared/ml'])
  test(`with ${place} as artifact root, new experiments send their clients there`, async () => {
    const elsewhere = await startStand({ artifactRoot: `${place}/` });
    try {
      const headers = { 'content-type': 'application/json' };
      const post = (path: string, payload: object) =>
        elsewhere.server
          .inject({ method: 'POST', url: `/api/2.0/mlflow/${path}`, headers, payload })
          .then((response) => response.json<Body>());
      const { experiment_id: id } = await post('experiments/create', { name: 'far' });
      const shown = await elsewhere.server.inject({ url: `/api/2.0/mlflow/experiments/get?experiment_id=${id}` });
      assert.equal(shown.json<Body>().experiment.artifact_location, `${place}/${id}`);
      const { info } = (await post('runs/create', { experiment_id: id })).run;
      assert.equal(info.artifact_uri, `${place}/${id}/${info.run_id}/artifacts`);
      const read = await elsewhere.server.inject({ url: `/get-artifact?run_uuid=${info.run_id}&path=passwd` });
      assert.equal(read.statusCode, 404, 'the server opens nothing there, so no link or path leads it out');
      const { model } = await post('logged-models', { experiment_id: id });
      assert.equal(model.info.artifact_uri, `${place}/${id}/models/${model.info.model_id}/artifacts`);
    } finally {
      await elsewhere.close();
    }
  });
