/**
 * Whether enough of the rows counted meet an expectation; no rows at all do. In this form, in doubles: written with `1 − mostly`, .9 of 10 rows misfires.
 */
export function meetsMostly(considered: number, unexpected: number, mostly: number): boolean {
  return considered === 0 || (considered - unexpected) / considered >= mostly;
}
