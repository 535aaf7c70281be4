import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { isFault } from '../fault/fault.ts';
import { fromTreeText, toTreeText } from './tree.ts';
import { toUnixLines } from './unix-lines.ts';

const md5 = (data: string | Uint8Array): string => createHash('md5').update(data).digest('hex');

/** Ids that DVC 3.64 gave these directories. */
const golden: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
  [{}, 'd751713988987e9331980363e24189ce'],
  [{ 'a/b': '1', 'a.b': '2', 'a-b': '3', B: '5', 'a b': '6' }, 'f6a7370778a872b4315e34b244740d25'],
  [{ 'a b/ü#?.txt': 'x', empty: '', 'one.txt': 'hello', 'sub/two.txt': 'world' }, 'eaaeecb09b9406c0c2d01742a502a617'],
  [{ 'é/ü.txt': 'x', '日本.csv': 'y', '😀.bin': 'z', '\ufffd.bin': 'w', 'q"uo\\te': 'q' }, '73781bad15f5c2b77193180db563fb13'],
  [{ 'bs\bff\f\r': '', 'del\x7f': '', 'nl\nx': '', 'tab\there': '', 'x\x01': '' }, '50e273d22cf6600760ee2a7cc46cd942'],
];

test('a directory has the id that DVC gives it', () => {
  for (const [files, id] of golden) {
    const text = toTreeText(Object.entries(files).map(([relpath, content]) => ({ md5: md5(content), relpath })));
    assert.equal(md5(text), id, text);
    assert.equal(toTreeText(fromTreeText(text, 'x')), text);
  }
});

test('a list that leads out of its directory, or is none, is refused', () => {
  const entry = (relpath: string): string => JSON.stringify([{ md5: md5(''), relpath }]);
  for (const text of [
    'no',
    '{}',
    '[1]',
    '[{"md5":"xyz","relpath":"a"}]',
    entry('../a'),
    entry('/etc/passwd'),
    entry('a/../../b'),
    entry(''),
    `[${entry('a').slice(1, -1)},${entry('a').slice(1)}`,
  ])
    assert.throws(
      () => fromTreeText(text, 'x.dir'),
      (error) => isFault(error, 'dvc_tree_invalid'),
      text,
    );
});

test('texts are hashed by their Unix lines, anything else as it is', () => {
  const legacy = (data: Uint8Array): string => md5(toUnixLines(data));
  assert.equal(legacy(Buffer.from('a\r\nb\r\n')), 'dd8c6a395b5dd36c56d23275028f526c');
  assert.equal(legacy(Buffer.from('a\nb\rc')), md5('a\nb\rc'));
  const binary = Buffer.from('a\r\n\0b');
  assert.equal(legacy(binary), md5(binary));
  const odd = Buffer.concat([Buffer.alloc(40, 200), Buffer.from('\r\n')]);
  assert.equal(legacy(odd), md5(odd));
});
