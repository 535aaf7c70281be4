export type Goal = 'min' | 'max';

/**
 * Words of a metric's name that say which way is better. scikit-learn's rule ("Model evaluation", user guide 3.4): what ends in _score is to be maximised, what ends in
 * _error, _loss or _deviance minimised; besides, the abbreviations that training frameworks log under.
 */
const LESS: ReadonlySet<string> = new Set(
  'loss losses logloss crossentropy error errors err deviance mse rmse mae mape smape msle rmsle perplexity ppl brier regret latency wer cer fid fpr fnr hinge nll kl'.split(
    ' ',
  ),
);
const MORE: ReadonlySet<string> = new Set(
  'score scores accuracy acc auc auroc roc f1 fbeta precision recall sensitivity specificity tpr tnr r2 map ndcg mrr bleu rouge meteor iou dice jaccard kappa mcc reward return throughput'.split(
    ' ',
  ),
);

/** Which way a metric is better, as its name tells; null where it does not, or says both. */
export function goalOf(key: string): Goal | null {
  const words = key
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  const [less, more] = [words.some((word) => LESS.has(word)), words.some((word) => MORE.has(word))];
  return less === more ? null : less ? 'min' : 'max';
}
