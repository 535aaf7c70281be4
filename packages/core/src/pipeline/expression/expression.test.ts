import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { isFault } from '../../fault/fault.ts';
import type { JsonValue } from '../../ports/json.ts';
import { checkExpression, outputsRead, readsItem } from './check.ts';
import type { TypeScope } from './check.ts';
import { evaluate, interpolate } from './evaluate.ts';
import type { Scope } from './evaluate.ts';
import { parseExpression } from './parse.ts';

const params: Readonly<Record<string, JsonValue>> = { rate: 0.3, name: 'spam', parts: ['a', 'b'], deep: true };
const scope: Scope = {
  param: (name) => params[name],
  output: (step, output) => (step === 'eval' && output === 'scores' ? { f1: 0.9, 'per class': [0.8, 1] } : undefined),
  item: { day: 3 },
  index: 2,
};
const types: TypeScope = {
  params: { rate: 'number', name: 'string', parts: 'list', deep: 'bool' },
  outputs: { eval: { scores: 'any' }, split: {} },
  inFanOut: false,
};

test('values, by precedence and by name', () => {
  const cases: readonly (readonly [string, JsonValue])[] = [
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['-2 - -3', 1],
    ['10 % 4 == 2 && !false', true],
    ['not true or 1 < 2 and "a" < "b"', true],
    ['params.rate > 0.2 ? "high" : "low"', 'high'],
    ['params["name"] + "-x"', 'spam-x'],
    ['steps.eval.scores.f1 >= 0.9', true],
    ['steps["eval"].scores["per class"][-1]', 1],
    ['"a" in params.parts && "p" in params.name && "f1" in steps.eval.scores', true],
    ['len(params.parts) + len("abc")', 5],
    ['range(3)', [0, 1, 2]],
    ['range(2, 4)', [2, 3]],
    ['[1, "x", null] == [1, \'x\', null]', true],
    ['item.day * index', 6],
    ['int("7") + float("0.5")', 7.5],
    ['min(3, 1) + max(2, 5)', 6],
    ['string(1.50) + string([1])', '1.5[1]'],
    ['json("{\\"a\\": 1}").a', 1],
    ['false && steps.nothing.there', false],
    ['[]', []],
  ];
  for (const [text, value] of cases) assert.deepEqual(evaluate(text, scope), value, text);
  assert.equal(interpolate('gpu-${params.name}-${index}', scope), 'gpu-spam-2');
});

test('what is wrong is told with its place', () => {
  const cases: readonly (readonly [string, number, RegExp])[] = [
    ['1 +', 4, /a value is expected here, not the end/],
    ['params.rate > "x"', 13, /have no order/],
    ['parms.rate', 1, /"parms" is no name here; did you mean "params"/],
    ['params', 7, /write params\.NAME/],
    ['params.ratee', 1, /has no value/],
    ['lenn(1)', 1, /no function "lenn"; did you mean "len"/],
    ['len()', 1, /takes 1 values, not 0/],
    ['(1', 3, /"\)" is expected/],
    ['1 2', 3, /should end before "2"/],
    ['"abc', 1, /has no end/],
    ['a # b', 3, /"#" means nothing/],
    ['1 / 0', 3, /divides by 0/],
    ['params.parts[5]', 13, /2 elements, none at 5/],
    ['steps.eval.scores.f2', 19, /no "f2"; there is f1/],
    ['!1', 2, /a bool is needed/],
    ['range(100000)', 1, /at most 10000/],
    [`${'('.repeat(100)}1${')'.repeat(100)}`, 65, /nested deeper/],
  ];
  for (const [text, column, problem] of cases)
    assert.throws(
      () => evaluate(text, scope),
      (error) => isFault(error, 'expression_failed') && problem.test(error.message) && error.message.includes(`character ${column}`),
      text,
    );
});

test('types are checked before anything runs', () => {
  const told = (text: string, wanted: 'bool' | 'list' = 'bool') => checkExpression(text, types, wanted).map(({ problem }) => problem);
  assert.deepEqual(told('params.rate > 0.5 && steps.eval.scores.f1 > 0.9'), []);
  assert.deepEqual(told('params.parts', 'list'), []);
  assert.match(told('params.rate')[0] ?? '', /gives a number, and a bool is needed/);
  assert.match(told('params.rate == "0.3"')[0] ?? '', /a number never equals a string/);
  assert.match(told('params.nam == "x"')[0] ?? '', /no parameter "nam"; did you mean "name"/);
  assert.match(told('steps.evl.scores.x')[0] ?? '', /no step "evl"; did you mean "eval"/);
  assert.match(told('steps.split.parts == 1')[0] ?? '', /no json or metrics output of step "split"/);
  assert.match(told('item.x')[0] ?? '', /with foreach only/);
  assert.equal(told('params.nam && params.ratee').length, 2);
  assert.deepEqual(outputsRead('steps.a.b.c > 1 && len(steps["a"].b) in [steps.d.e]').length, 2);
  assert.equal(readsItem('1 + item.x'), true);
  assert.equal(readsItem('params.item'), false);
});

test('any text parses or is refused, and never throws anything else', () => {
  const signs = fc.array(
    fc.constantFrom('params.rate', '1', '"x"', '(', ')', '[', ']', '+', '-', '&&', '!', 'in', '.', ',', '?', ':', 'len', ' '),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        signs.map((parts) => parts.join('')),
      ),
      (text) => {
        const parsed = parseExpression(text);
        if ('problem' in parsed) {
          assert.ok(parsed.at >= 0 && parsed.at <= text.length);
          return;
        }
        checkExpression(text, types, 'any');
        try {
          JSON.stringify(evaluate(text, scope));
        } catch (error) {
          assert.ok(isFault(error, 'expression_failed'));
        }
      },
    ),
  );
});
