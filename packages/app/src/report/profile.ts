import type { ColumnProfile } from '@pawl/core';

/** A column's profile as the API tells it. */
export function toColumnProfile({ distinct, numbers, texts, top, ...column }: ColumnProfile) {
  return {
    ...column,
    distinct: distinct.count,
    distinct_exact: distinct.exact,
    top: top.map((one) => ({ ...one })),
    numbers: numbers && {
      nans: numbers.nans,
      positive_infinite: numbers.positiveInfinite,
      negative_infinite: numbers.negativeInfinite,
      zeros: numbers.zeros,
      negatives: numbers.negatives,
      mean: numbers.mean,
      variance: numbers.variance,
      quantiles: numbers.quantiles.map((one) => ({ ...one })),
      histogram: {
        min: numbers.edges.min,
        max: numbers.edges.max,
        edges: [...numbers.edges.edges],
        edges_digest: numbers.histogram.edgesHash,
        counts: [...numbers.histogram.counts],
      },
    },
    texts: texts && {
      empty: texts.empty,
      min_length: texts.minLength,
      max_length: texts.maxLength,
      mean_length: texts.meanLength,
      shapes: texts.shapes.map((one) => ({ ...one })),
    },
  };
}
