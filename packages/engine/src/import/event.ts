import type { Clock, Ids, ImportResult, Writers } from '@pawl/core';
import { toEvent } from '../event.ts';
import type { ImportRequest } from './service.ts';

/** One event for a batch that changed something: those of single records would set gates and webhooks off for what happened long ago. */
export async function recordImport(
  ports: { readonly clock: Clock; readonly ids: Ids },
  tx: Writers,
  what: string,
  results: readonly ImportResult[],
  { source, actor }: ImportRequest,
): Promise<void> {
  const count = (outcome: ImportResult['outcome']): number => results.filter((one) => one.outcome === outcome).length;
  const [created, updated] = [count('created'), count('updated')];
  if (created + updated === 0) return;
  await tx.events.append([toEvent(ports, 'import.recorded', `import/${what}`, actor, { what, created, updated, source })]);
}
