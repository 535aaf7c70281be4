import type { Ensemble, TreeEngine } from './ensemble.ts';
import type { TreePlace, TreeResult } from './wasm-tree.ts';
import { mode } from './ensemble.ts';
import { createCode, functionBody, functionType, op, section, toModule, toName, type, vector } from './wasm-encoding.ts';
import { openModule } from './wasm-module.ts';
import { memberCode, soleTarget, treeCode } from './wasm-tree.ts';

/** Rows given to the module at once. */
const CHUNK_BYTES = 1 << 19;
const PAGE = 65_536;
/** Deeper trees, or more sums a row, are walked in arrays: the compiler's own stack, and code that no cache holds. */
const DEEPEST = 400;
const MOST_TARGETS = 256;
const MOST_ADDITIONS = 200_000;

export interface WasmFit {
  readonly depth: number;
  readonly trees: number;
  readonly targets: number;
  readonly features: number;
}

/** Whether an ensemble is one that is worth compiling. */
export function fitsWasm({ depth, trees, targets, features }: WasmFit): boolean {
  return depth <= DEEPEST && targets <= MOST_TARGETS && trees * targets <= MOST_ADDITIONS && features * 8 <= CHUNK_BYTES;
}

interface Layout {
  readonly sets: readonly number[];
  readonly leaves: number;
  readonly input: number;
  readonly sums: number;
  readonly rows: number;
  readonly bytes: number;
}

/** Addresses: sets, weights of leaves that have several, rows, sums. */
function toLayout(ensemble: Ensemble, leafBytes: number): Layout {
  const align = (at: number): number => Math.ceil(at / 16) * 16;
  let at = 16;
  const sets = ensemble.sets.map((set) => {
    const place = at;
    at += set.length;
    return place;
  });
  const leaves = align(at);
  const input = align(leaves + leafBytes);
  const width = ensemble.features * (ensemble.comparison === 'FP32' ? 4 : 8);
  const rows = Math.max(1, Math.min(4096, Math.floor(CHUNK_BYTES / Math.max(width, ensemble.targets * 8))));
  const sums = align(input + rows * width);
  return { sets, leaves, input, sums, rows, bytes: sums + rows * ensemble.targets * 8 };
}

/** Instructions of `run(rows)`: locals 1 the row's address, 2 its sums' address, 3 a leaf's address, then one sum a target. */
function driverCode(ensemble: Ensemble, results: readonly TreeResult[], layout: Layout): Uint8Array {
  const { targets } = ensemble;
  const width = ensemble.features * (ensemble.comparison === 'FP32' ? 4 : 8);
  const code = createCode();
  const local = (operator: number, index: number): void => {
    code.byte(operator);
    code.unsigned(index);
  };
  const constant = (value: number): void => {
    code.byte(op.i32Const);
    code.signed(value);
  };
  const sumOf = (target: number): number => 4 + target;
  constant(layout.input);
  local(op.localSet, 1);
  constant(layout.sums);
  local(op.localSet, 2);
  code.byte(op.block, type.none, op.loop, type.none);
  local(op.localGet, 0);
  code.byte(op.i32Eqz, op.brIf, 1);
  for (let target = 0; target < targets; target++) {
    code.byte(op.f64Const);
    code.f64(0);
    local(op.localSet, sumOf(target));
  }
  results.forEach((result, tree) => {
    const call = (): void => {
      local(op.localGet, 1);
      code.byte(op.call);
      code.unsigned(1 + tree);
    };
    if (result.kind === 'weight') {
      local(op.localGet, sumOf(result.target));
      call();
      code.byte(op.f64Add);
      local(op.localSet, sumOf(result.target));
      return;
    }
    call();
    local(op.localSet, 3);
    for (let target = 0; target < targets; target++) {
      local(op.localGet, sumOf(target));
      local(op.localGet, 3);
      code.byte(op.f64Load, 3);
      code.unsigned(target * 8);
      code.byte(op.f64Add);
      local(op.localSet, sumOf(target));
    }
  });
  for (let target = 0; target < targets; target++) {
    local(op.localGet, 2);
    local(op.localGet, sumOf(target));
    code.byte(op.f64Store, 3);
    code.unsigned(target * 8);
  }
  const advance = (index: number, by: number): void => {
    local(op.localGet, index);
    constant(by);
    code.byte(op.i32Add);
    local(op.localSet, index);
  };
  advance(1, width);
  advance(2, targets * 8);
  advance(0, -1);
  code.byte(op.br, 0, op.end, op.end);
  return code.bytes();
}

/** A module with one function a tree (functions 1 to n), and a driver that adds them up. Imports `m.m`, its memory; exports `run`. */
function emit(
  ensemble: Ensemble,
  results: readonly TreeResult[],
  layout: Layout,
  leafAddress: (leaf: number) => number,
  pages: number,
): Uint8Array<ArrayBuffer> {
  const place: TreePlace = { sets: layout.sets, member: 0 };
  const weightType = 0;
  const addressType = 1;
  const memberType = 2;
  const driverType = 3;
  const types = vector([
    functionType([type.i32], [type.f64]),
    functionType([type.i32], [type.i32]),
    functionType([type.f64, type.i32, type.i32], [type.i32]),
    functionType([type.i32], []),
  ]);
  const imports = createCode();
  imports.append(toName('m'));
  imports.append(toName('m'));
  imports.byte(2, 0);
  imports.unsigned(pages);
  const functions = [memberType, ...results.map((result) => (result.kind === 'weight' ? weightType : addressType)), driverType];
  const exports = createCode();
  exports.append(toName('run'));
  exports.byte(0);
  exports.unsigned(results.length + 1);
  const bodies = [
    functionBody([[1, type.i32]], memberCode()),
    ...results.map((result, tree) => functionBody([], treeCode(ensemble, ensemble.roots[tree] as number, result, place, leafAddress))),
    functionBody(
      [
        [3, type.i32],
        [ensemble.targets, type.f64],
      ],
      driverCode(ensemble, results, layout),
    ),
  ];
  return toModule([
    section(1, types),
    section(2, vector([imports.bytes()])),
    section(3, vector(functions.map((index) => toVaruint(index)))),
    section(7, vector([exports.bytes()])),
    section(10, vector(bodies)),
  ]);
}

function toVaruint(value: number): Uint8Array {
  const code = createCode();
  code.unsigned(value);
  return code.bytes();
}

/** Compiles an ensemble that `fitsWasm`. Only numbers go into the code. */
export async function createWasmEngine(ensemble: Ensemble): Promise<TreeEngine> {
  const { features, targets, roots, modes, weightStart, weights, weightTarget } = ensemble;
  const results = Array.from(roots, (root): TreeResult => {
    const target = soleTarget(ensemble, root);
    return target === undefined ? { kind: 'address' } : { kind: 'weight', target };
  });
  const addressed = new Map<number, number>();
  if (results.some((result) => result.kind === 'address')) {
    modes.forEach((asked, node) => {
      if (asked === mode.leaf) addressed.set(node, addressed.size);
    });
  }
  const layout = toLayout(ensemble, addressed.size * targets * 8);
  const leafAddress = (leaf: number): number => layout.leaves + (addressed.get(leaf) ?? 0) * targets * 8;
  const pages = Math.ceil(layout.bytes / PAGE);
  const { memory, exports } = await openModule(emit(ensemble, results, layout, leafAddress, pages), pages);
  const run = exports['run'] as (rows: number) => void;

  ensemble.sets.forEach((set, index) => new Uint8Array(memory.buffer, layout.sets[index]).set(set));
  for (const leaf of addressed.keys()) {
    const place = new Float64Array(memory.buffer, leafAddress(leaf), targets);
    for (let index = weightStart[leaf] as number; index < (weightStart[leaf + 1] as number); index++) {
      const target = weightTarget[index] as number;
      place[target] = (place[target] as number) + (weights[index] as number);
    }
  }
  const Numbers = ensemble.comparison === 'FP32' ? Float32Array : Float64Array;
  const input = new Numbers(memory.buffer, layout.input, layout.rows * features);
  const output = new Float64Array(memory.buffer, layout.sums, layout.rows * targets);

  return {
    name: 'wasm',
    sum: (data, rows, width, sums) => {
      for (let from = 0; from < rows; from += layout.rows) {
        const count = Math.min(layout.rows, rows - from);
        if (width === features) input.set(count === rows ? data : data.subarray(from * features, (from + count) * features));
        else
          for (let row = 0; row < count; row++)
            input.set(data.subarray((from + row) * width, (from + row) * width + features), row * features);
        run(count);
        // A view costs more than a few numbers do.
        if (count * targets <= 16) for (let at = 0; at < count * targets; at++) sums[from * targets + at] = output[at] as number;
        else sums.set(output.subarray(0, count * targets), from * targets);
      }
    },
  };
}
