import { fault } from '@pawl/core';
import type { CellValue, LocalModel } from '@pawl/core';
import type { RuntimePorts } from './runtime/open-model.ts';
import { openModel } from './runtime/open-model.ts';
import { fromTable } from './endpoint/table.ts';
import { readDecision, toDecision } from './endpoint/decision.ts';

export interface Evaluation {
  /** The class decided, row by row. */
  readonly label: readonly boolean[];
  /** Probability of the positive class, row by row. */
  readonly score: readonly number[];
}

/** Rows a run: large enough that the call costs nothing, small enough that memory stays flat. */
const CHUNK = 1024;

const invalid = (problem: string) => fault('model_package_invalid', { problem });

/**
 * Answers of a model over a table in memory, in row order; with no rows it only proves that the package can be served.
 * The table has a column for every input of the model, looked-up features included; null is NaN.
 * Throws `column_missing`, `model_file_invalid`, `model_package_invalid`, `model_not_binary`; `tensor_invalid` for a value that its input cannot hold.
 */
export async function evaluateModel(
  model: LocalModel,
  columns: Readonly<Record<string, readonly CellValue[]>>,
  rows: number,
  ports: RuntimePorts,
): Promise<Evaluation> {
  const runtime = await openModel(model, ports);
  try {
    const label: boolean[] = [];
    const score: number[] = [];
    if (rows === 0) return { label, score };
    const decision = toDecision(model.spec.decision, runtime);
    if ('reason' in decision) throw fault('model_not_binary', { reason: decision.reason });
    for (let from = 0; from < rows; from += CHUNK) {
      const until = Math.min(rows, from + CHUNK);
      const batch = fromTable(runtime.inputs, columns, from, until, 'The evaluation table');
      const answer = await runtime.run({ rows: until - from, columns: batch });
      for (const name of [decision.label, decision.score]) {
        const count = name === null ? until - from : answer[name]?.shape[0];
        if (count !== until - from) throw invalid(`it gave ${count ?? 0} rows of "${name}" for ${until - from} rows.`);
      }
      for (let row = 0; row < until - from; row++) {
        const decided = readDecision(decision, answer, row);
        if (decided.label === null) throw invalid(`it decided nothing in row ${from + row + 1}.`);
        if (decision.score !== null && decided.score === null)
          throw invalid(`output "${decision.score}" holds no number in row ${from + row + 1}, so it is no score.`);
        label.push(decided.label);
        // Without probabilities the decision is all that is known.
        score.push(decided.score ?? Number(decided.label));
      }
    }
    return { label, score };
  } finally {
    await runtime.close();
  }
}
