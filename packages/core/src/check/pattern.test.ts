import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toPattern } from './pattern.ts';

function finds(source: string, text: string): boolean {
  const { script, ignoreCase } = toPattern(source);
  return new RegExp(script, ignoreCase ? 'iu' : 'u').test(text);
}

describe('patterns', () => {
  test('are written for both engines', () => {
    assert.deepEqual(toPattern('(?i)^(?P<user>[\\w.]+)@\\Z'), {
      source: '(?i)^(?P<user>[\\w.]+)@\\Z',
      re2: '(?i-s)^(?P<user>[\\w.]+)@\\z',
      script: '^(?<user>[\\w.]+)@$',
      ignoreCase: true,
    });
    assert.equal(toPattern('(?s).\\u00e9').re2, '(?s).\\x{00e9}');
    assert.equal(toPattern('(?<a>x)(?:y)').re2, '(?-s)(?P<a>x)(?:y)');
  });

  test('mean in JavaScript what they mean in RE2', () => {
    assert.equal(finds('a.b', 'a\rb'), true);
    assert.equal(finds('a.b', 'a\nb'), false);
    assert.equal(finds('(?s)a.b', 'a\nb'), true);
    assert.equal(finds('\\s', '\u00a0'), false);
    assert.equal(finds('[\\s]', ' '), true);
    assert.equal(finds('^\\S$', '\u00a0'), true);
    assert.equal(finds('^b', 'a\nb'), false);
    assert.equal(finds('(?m)^b', 'a\nb'), true);
    assert.equal(finds('(?m)^b', 'a\rb'), false);
    assert.equal(finds('a$', 'a\n'), false);
    assert.equal(finds('^$', '\u{10000}'), false);
    assert.equal(finds('^.$', '🦆'), true);
    assert.equal(finds('[\\s\\S]\\-\\@', '\n-@'), true);
  });

  test('are refused with the position when the engines differ or cannot', () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ['ab(?=c)', /position 2: look-around/],
      ['(?<!x)y', /position 0: look-around/],
      ['a(?i:b)', /position 1/],
      ['(a)\\1', /position 3: .*back-references/],
      ['(?P<q>a)(?P=q)', /position 8/],
      ['[[:alpha:]]', /position 1: write an opening bracket/],
      ['[]a]', /position 1: write a closing bracket/],
      ['x[ab', /position 1: the set is not closed/],
      ['a{1001}', /position 1: a repetition above 1000/],
      ['[\\S]', /position 1/],
      ['\\Qa\\E', /position 0/],
      ['a\\', /position 1/],
      ['b(a|(c)', /position 1: .*unterminated group/],
      ['a)', /position 1: /],
      ['a++', /position 2: .*nothing to repeat/],
      ['(|*)', /position 2: /],
      ['\\*x{3,2}', /position 3: .*out of order/],
      ['\\[[z-a]', /position 2: .*out of order/],
      ['a}', /position 1: /],
    ];
    for (const [source, message] of cases)
      assert.throws(
        () => toPattern(source),
        (error) => error instanceof RangeError && message.test(error.message) && !error.message.includes('\n'),
        source,
      );
  });
});
