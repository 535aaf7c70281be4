/** How good a filter's verdicts are. */
export interface Scores {
  readonly f1: number;
  readonly precision: number;
  readonly recall: number;
  /** Share of the good mails called spam: the costly error. */
  readonly false_positive_rate: number;
  readonly accuracy: number;
  readonly n: number;
}

/** `verdicts[i]` and `spam[i]` are true for spam. A share of nothing is 0. */
export function scoresOf(verdicts: readonly boolean[], spam: readonly boolean[]): Scores {
  let [hits, lost, missed, kept] = [0, 0, 0, 0];
  for (const [i, verdict] of verdicts.entries()) {
    if (verdict && spam[i]) hits++;
    else if (verdict) lost++;
    else if (spam[i]) missed++;
    else kept++;
  }
  const share = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);
  return {
    f1: share(2 * hits, 2 * hits + lost + missed),
    precision: share(hits, hits + lost),
    recall: share(hits, hits + missed),
    false_positive_rate: share(lost, lost + kept),
    accuracy: share(hits + kept, verdicts.length),
    n: verdicts.length,
  };
}
