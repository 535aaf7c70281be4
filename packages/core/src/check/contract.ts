import { expectationsIn } from './environment.ts';
import { toRecordChecks } from './record.ts';
import type { CheckedRecord } from './record.ts';
import type { CheckSuite, Expectation } from './types.ts';

export interface Breach {
  readonly expectation: Expectation;
  /** `error`: the record lacks the column, or holds another type there. */
  readonly verdict: 'unmet' | 'error';
}

/** What a suite asks of each record in one place, such as a request of serving. */
export interface Contract {
  /** The expectations that can be asked of one record, in the suite's order; those about whole columns or tables cannot. */
  readonly asked: readonly Expectation[];
  /** What the record breaks; nothing is allocated for one that breaks nothing. It never throws. Whoever asks decides by the severity what that means. */
  judge(record: CheckedRecord): readonly Breach[];
}

const NOTHING: readonly Breach[] = [];

/**
 * Compiles a suite for records, once; `judge` then takes well under a microsecond for each plain expectation. An expectation means the same here as of a table (`mostly` apart,
 * which weighs rows). Throws `environment_not_found`.
 */
export function toContract(suite: CheckSuite, environment: string | null): Contract {
  const checks = toRecordChecks(expectationsIn(suite, environment));
  return {
    asked: checks.map(({ expectation }) => expectation),
    judge(record) {
      let breaches: Breach[] | undefined;
      for (const { expectation, judge } of checks) {
        const verdict = judge(record);
        if (verdict === 'unmet' || verdict === 'error') (breaches ??= []).push({ expectation, verdict });
      }
      return breaches ?? NOTHING;
    },
  };
}
