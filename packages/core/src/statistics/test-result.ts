/** What every test answers. `method` names the branch that was taken; `notes` say in words what made the input degenerate. */
export interface TestResult {
  readonly statistic: number;
  readonly p: number;
  readonly df?: number;
  readonly n1: number;
  readonly n2: number;
  readonly method: string;
  readonly notes: readonly string[];
}
