/** One function a tree: a nested `if`, whose condition is the node's and whose leaves are constants. */
import type { Code } from './wasm-encoding.ts';
import type { Ensemble } from './ensemble.ts';
import { missing, mode } from './ensemble.ts';
import { createCode, op, type } from './wasm-encoding.ts';

/** What a tree gives: the weight of its leaf, all of one target; or the address of its leaf's weights, one a target. */
export type TreeResult = { readonly kind: 'weight'; readonly target: number } | { readonly kind: 'address' };

/** Where in memory things are, and where functions are, that trees refer to. */
export interface TreePlace {
  /** Address of each set's bytes. */
  readonly sets: readonly number[];
  /** Function (x: f64, set: i32, members: i32) → i32. */
  readonly member: number;
}

const ROW = 0;

const compare = {
  FP32: {
    load: op.f32Load,
    bytes: 4,
    align: 2,
    lessOrEqual: op.f32Le,
    less: op.f32Lt,
    greaterOrEqual: op.f32Ge,
    greater: op.f32Gt,
    equal: op.f32Eq,
    notEqual: op.f32Ne,
    abs: op.f32Abs,
  },
  FP64: {
    load: op.f64Load,
    bytes: 8,
    align: 3,
    lessOrEqual: op.f64Le,
    less: op.f64Lt,
    greaterOrEqual: op.f64Ge,
    greater: op.f64Gt,
    equal: op.f64Eq,
    notEqual: op.f64Ne,
    abs: op.f64Abs,
  },
} as const;

type Compare = (typeof compare)[keyof typeof compare];

/** The comparison, and the one that is its opposite for every x but NaN. */
const opposites: Readonly<Record<number, readonly [keyof Compare, keyof Compare]>> = {
  [mode.lessOrEqual]: ['lessOrEqual', 'greater'],
  [mode.less]: ['less', 'greaterOrEqual'],
  [mode.greaterOrEqual]: ['greaterOrEqual', 'less'],
  [mode.greater]: ['greater', 'lessOrEqual'],
};

/** The single target of all weights under a root, or undefined when leaves have several weights or different targets. */
export function soleTarget(ensemble: Ensemble, root: number): number | undefined {
  let target: number | undefined;
  const open = [root];
  while (open.length > 0) {
    const node = open.pop() as number;
    if (ensemble.modes[node] !== mode.leaf) {
      open.push(ensemble.whenTrue[node] as number, ensemble.whenFalse[node] as number);
      continue;
    }
    const from = ensemble.weightStart[node] as number;
    const count = (ensemble.weightStart[node + 1] as number) - from;
    if (count > 1) return undefined;
    if (count === 0) continue;
    const found = ensemble.weightTarget[from] as number;
    if (target !== undefined && target !== found) return undefined;
    target = found;
  }
  return target ?? 0;
}

/** Instructions of a tree's function, whose only parameter is the address of the row. `leafAddress` is asked for address results only. */
export function treeCode(
  ensemble: Ensemble,
  root: number,
  result: TreeResult,
  place: TreePlace,
  leafAddress: (leaf: number) => number,
): Uint8Array {
  const code = createCode();
  const kind = ensemble.comparison;
  const with_ = compare[kind];
  const resultType = result.kind === 'weight' ? type.f64 : type.i32;

  function pushFeature(node: number): void {
    code.byte(op.localGet, ROW, with_.load, with_.align);
    code.unsigned((ensemble.feature[node] as number) * with_.bytes);
  }

  function pushConstant(value: number): void {
    if (kind === 'FP32') {
      code.byte(op.f32Const);
      code.f32(value);
    } else {
      code.byte(op.f64Const);
      code.f64(value);
    }
  }

  function pushWith(node: number, operator: keyof Compare): void {
    pushFeature(node);
    pushConstant(ensemble.threshold[node] as number);
    code.byte(with_[operator]);
  }

  /** Whether x is NaN, or not. */
  function pushNan(node: number, operator: 'equal' | 'notEqual'): void {
    pushFeature(node);
    pushFeature(node);
    code.byte(with_[operator]);
  }

  function pushMember(node: number): void {
    const set = ensemble.threshold[node] as number;
    pushFeature(node);
    if (kind === 'FP32') code.byte(op.f64PromoteF32);
    code.byte(op.i32Const);
    code.signed(place.sets[set] as number);
    code.byte(op.i32Const);
    code.signed((ensemble.sets[set]?.length ?? 0) * 8);
    code.byte(op.call);
    code.unsigned(place.member);
  }

  /** Leaves an i32 that is the answer for a value that is not missing, and for NaN what `nanTrue` says. */
  function pushAnswer(node: number, nanTrue: boolean): void {
    const asked = ensemble.modes[node] as number;
    const pair = opposites[asked];
    if (pair !== undefined) {
      pushWith(node, nanTrue ? pair[1] : pair[0]);
      if (nanTrue) code.byte(op.i32Eqz);
    } else if (asked === mode.notEqual) {
      pushWith(node, 'notEqual');
      if (!nanTrue) {
        pushNan(node, 'equal');
        code.byte(op.i32And);
      }
    } else {
      if (asked === mode.equal) pushWith(node, 'equal');
      else pushMember(node);
      if (nanTrue) {
        pushNan(node, 'notEqual');
        code.byte(op.i32Or);
      }
    }
  }

  function pushCondition(node: number): void {
    const rule = ensemble.missing[node] as number;
    const nanTrue = (rule & missing.nanTrue) !== 0;
    if (rule < missing.zeroToo) {
      pushAnswer(node, nanTrue);
      return;
    }
    // NaN answers as `nanTrue` says already; so must a zero.
    code.byte(op.i32Const, nanTrue ? 1 : 0);
    pushAnswer(node, nanTrue);
    pushFeature(node);
    code.byte(with_.abs);
    pushConstant(1e-35);
    code.byte(with_.lessOrEqual, op.select);
  }

  function pushLeaf(node: number): void {
    if (result.kind === 'address') {
      code.byte(op.i32Const);
      code.signed(leafAddress(node));
      return;
    }
    const from = ensemble.weightStart[node] as number;
    code.byte(op.f64Const);
    code.f64(from < (ensemble.weightStart[node + 1] as number) ? (ensemble.weights[from] as number) : 0);
  }

  function pushNode(node: number): void {
    if (ensemble.modes[node] === mode.leaf) {
      pushLeaf(node);
      return;
    }
    pushCondition(node);
    code.byte(op.if, resultType);
    pushNode(ensemble.whenTrue[node] as number);
    code.byte(op.else);
    pushNode(ensemble.whenFalse[node] as number);
    code.byte(op.end);
  }

  pushNode(root);
  return code.bytes();
}

/** Instructions of (x: f64, set: i32, members: i32) → i32: whether trunc(x) is a member. Its one local (3) is an i32. */
export function memberCode(): Uint8Array {
  const code: Code = createCode();
  // index = i32.trunc_sat_f64_s(x): NaN gives 0, so NaN and x ≤ −1 are asked for by themselves.
  code.byte(op.localGet, 0, op.saturating, 2, op.localSet, 3);
  code.byte(op.localGet, 0, op.f64Const);
  code.f64(-1);
  code.byte(op.f64Gt, op.localGet, 3, op.localGet, 2, op.i32LtS, op.i32And);
  code.byte(op.if, type.i32);
  code.byte(op.localGet, 1, op.localGet, 3, op.i32Const, 3, op.i32ShrU, op.i32Add, op.i32Load8U, 0, 0);
  code.byte(op.localGet, 3, op.i32Const, 7, op.i32And, op.i32ShrU, op.i32Const, 1, op.i32And);
  code.byte(op.else, op.i32Const, 0, op.end);
  return code.bytes();
}
