import type { DatasetService } from '../dataset/service.ts';
import type { CheckService } from './service.ts';

/** Datasets of which nothing may learn before the suites that judge unasked have judged: who comes before the reactor judges himself. */
export function judgedDatasets(datasets: DatasetService, checks: CheckService): DatasetService {
  return {
    ...datasets,
    async requireAccepted(ref) {
      await checks.judgeUnasked(ref);
      await datasets.requireAccepted(ref);
    },
  };
}
