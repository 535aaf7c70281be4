import { user } from '../fault/define.ts';
import type { FaultDefinitions } from '../fault/define.ts';

export interface SearchFaults {
  /** `at` counts characters from 1; `near` is what stands there, in a long filter. */
  search_filter_invalid: { problem: string; at: number; near?: string };
  search_order_invalid: { problem: string };
  search_column_invalid: { column: string; problem: string };
}

export const searchFaults: FaultDefinitions<SearchFaults> = {
  search_filter_invalid: user((d) => `${d.problem} (at character ${d.at} of the filter${d.near === undefined ? '' : `, in "${d.near}"`}).`),
  search_order_invalid: user((d) => d.problem),
  search_column_invalid: user((d) => `"${d.column}" is no column: ${d.problem.replace(/\.$/, '')}.`),
};
