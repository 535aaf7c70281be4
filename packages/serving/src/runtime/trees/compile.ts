import type { Ensemble, TreeEngine } from './ensemble.ts';
import { checkTrees, createArrayEngine } from './ensemble.ts';
import { createWasmEngine, fitsWasm } from './wasm-engine.ts';

/** Trees that can be asked at once, and are compiled when somebody has the time. */
export interface TreeSums {
  sum(data: Float32Array | Float64Array, rows: number, width: number): Float64Array;
  /** Compiles what is worth it; walks the arrays until then. */
  compile(): Promise<void>;
  engine(): string;
}

/** Throws `TreeError` for trees that do not end in leaves. */
export function createTreeSums(ensemble: Ensemble): TreeSums {
  const depth = checkTrees(ensemble);
  const { features, targets, roots } = ensemble;
  let engine: TreeEngine = createArrayEngine(ensemble);
  return {
    engine: () => engine.name,
    sum: (data, rows, width) => {
      if (width < features) throw new Error(`the trees take ${features} columns and meet ${width}`);
      const sums = new Float64Array(rows * targets);
      engine.sum(data, rows, width, sums);
      return sums;
    },
    compile: async () => {
      if (fitsWasm({ depth, trees: roots.length, targets, features })) engine = await createWasmEngine(ensemble);
    },
  };
}
