import { fault, toCanonicalJson, toRefText } from '@pawl/core';
import type {
  CheckResult,
  CheckSuite,
  CheckVerdict,
  Clock,
  Database,
  DatasetRef,
  Digest,
  ExpectationResult,
  Hash,
  Ids,
  Tables,
  Writers,
} from '@pawl/core';
import type { DatasetService } from '../dataset/service.ts';
import { toEvent } from '../event.ts';

export interface CheckPorts {
  readonly database: Database;
  readonly datasets: DatasetService;
  readonly tables: Tables;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly hash: Hash;
}

export interface CheckService {
  define(tx: Writers, suite: CheckSuite): Promise<void>;
  suite(name: string): Promise<CheckSuite>;
  suites(): Promise<readonly CheckSuite[]>;
  /**
   * Judges a version by a suite and marks it `accepted` or `rejected`. The same suite and version are judged once: a second call returns the first verdict.
   * Throws `suite_not_found`, `dataset_version_not_found`, `table_unreadable`.
   */
  run(input: { readonly suite: string; readonly ref: DatasetRef; readonly folder?: string; readonly actor: string }): Promise<CheckResult>;
  results(ref: DatasetRef): Promise<readonly CheckResult[]>;
}

/** Only critical expectations decide. One that could not be evaluated is no proof of bad data, and no proof of good data either. */
export function toCheckVerdict(results: readonly ExpectationResult[]): CheckVerdict {
  const critical = results.filter((result) => result.expectation.severity === 'critical');
  if (critical.some((result) => result.outcome === 'failed')) return 'failed';
  return critical.some((result) => result.outcome === 'error') ? 'error' : 'passed';
}

export function createCheckService(ports: CheckPorts): CheckService {
  const { database, datasets, tables, clock, ids, hash } = ports;

  const suite = async (name: string): Promise<CheckSuite> => {
    const found = await database.read.checks.suite(name);
    if (found === undefined) throw fault('suite_not_found', { name });
    return found;
  };

  /** With a folder it is another question, so it has a verdict of its own. */
  const toDigest = (definition: CheckSuite, folder: string | undefined): Digest =>
    hash(toCanonicalJson(folder === undefined ? definition : { ...definition, folder }));

  /** Marks the version by all verdicts that suites as they are now have given; what an older definition said no longer counts. */
  const markVersion = async (tx: Writers, ref: DatasetRef): Promise<void> => {
    const version = await tx.datasets.version(ref);
    if (version === undefined) return;
    const folders = [undefined, ...new Set(version.tables.map((table) => table.folder))];
    const current = new Set((await tx.checks.suites()).flatMap((one) => folders.map((folder) => toDigest(one, folder))));
    const verdicts = (await tx.checks.results(ref)).filter((one) => current.has(one.suiteDigest));
    const status = verdicts.every((one) => one.verdict === 'passed') ? 'accepted' : 'rejected';
    if (verdicts.length > 0 && status !== version.status) await tx.datasets.setStatus(ref, status);
  };

  return {
    suite,
    define: (tx, definition) => tx.checks.putSuite(definition),
    suites: () => database.read.checks.suites(),
    results: (ref) => database.read.checks.results(ref),
    async run({ suite: name, ref, folder, actor }) {
      const definition = await suite(name);
      const suiteDigest = toDigest(definition, folder);
      const earlier = await database.read.checks.result(suiteDigest, ref);
      if (earlier !== undefined) {
        // The suite may have been another in the meantime, and be this one again.
        await database.transaction((tx) => markVersion(tx, ref));
        return earlier;
      }
      const results = await tables.check(await datasets.table(ref, folder), definition);
      const result: CheckResult = {
        id: ids.next(),
        dataset: ref.dataset,
        version: ref.version,
        suite: name,
        suiteDigest,
        verdict: toCheckVerdict(results),
        results,
        at: clock.now(),
      };
      const inserted = await database.transaction(async (tx) => {
        if (!(await tx.checks.insertResult(result))) return false;
        await markVersion(tx, ref);
        await tx.events.append([
          toEvent(ports, 'check.completed', `check/${name}`, actor, {
            dataset: ref.dataset,
            version: ref.version,
            verdict: result.verdict,
            failed: results.filter((one) => one.outcome !== 'passed').length,
            expectations: results.length,
          }),
        ]);
        return true;
      });
      if (inserted) return result;
      const winner = await database.read.checks.result(suiteDigest, ref);
      if (winner === undefined) throw fault('write_conflict', { what: `The verdict on ${toRefText(ref)}` });
      return winner;
    },
  };
}
