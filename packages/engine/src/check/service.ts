import { expectationsIn, fault, toCanonicalJson, toCheckVerdict, toRefText } from '@pawl/core';
import type {
  CheckResult,
  CheckSuite,
  Clock,
  Database,
  DatasetRef,
  DatasetVersion,
  Digest,
  Expectation,
  ExpectationResult,
  Hash,
  Ids,
  Tables,
  Writers,
} from '@pawl/core';
import type { DatasetService } from '../dataset/service.ts';
import { toEvent } from '../event.ts';
import { findReferences, isFirst } from './references.ts';

export interface CheckPorts {
  readonly database: Database;
  readonly datasets: DatasetService;
  readonly tables: Tables;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly hash: Hash;
}

export interface CheckQuestion {
  readonly suite: string;
  readonly ref: DatasetRef;
  /** The table, when the version holds several. */
  readonly folder?: string;
  readonly environment?: string;
  /** Judge anew, and put the verdict in the place of an earlier one. */
  readonly again?: boolean;
  readonly actor: string;
}

export interface CheckService {
  define(tx: Writers, suite: CheckSuite): Promise<void>;
  suite(name: string): Promise<CheckSuite>;
  suites(): Promise<readonly CheckSuite[]>;
  /**
   * Judges a version by a suite and marks it `accepted` or `rejected`. The same suite and version are judged once: a second call returns the first verdict, unless it asks for a
   * new one. Ages are counted to the moment when the version was made. Throws `suite_not_found`, `environment_not_found`, `dataset_version_not_found`, `table_unreadable`.
   */
  run(question: CheckQuestion): Promise<CheckResult>;
  /**
   * Judges a version by the suites that do so unasked and have not yet. Throws `dataset_version_not_found`, `table_unreadable`: what cannot be judged is not let through.
   */
  judgeUnasked(ref: DatasetRef): Promise<void>;
  results(ref: DatasetRef): Promise<readonly CheckResult[]>;
}

export function createCheckService(ports: CheckPorts): CheckService {
  const { database, datasets, tables, clock, ids, hash } = ports;

  const suite = async (name: string): Promise<CheckSuite> => {
    const found = await database.read.checks.suite(name);
    if (found === undefined) throw fault('suite_not_found', { name });
    return found;
  };

  /** With a folder or an environment it is another question, so it has a verdict of its own; who puts it is no part of it. */
  const toDigest = (
    { name, dataset, expectations, environments }: CheckSuite,
    limits: { readonly folder?: string; readonly environment?: string },
  ): Digest => hash(toCanonicalJson({ name, dataset, expectations, ...(environments === undefined ? {} : { environments }), ...limits }));

  /** All questions that a suite as it is now can put to a version. */
  const digestsOf = (definition: CheckSuite, version: DatasetVersion): readonly Digest[] => {
    const folders = [{}, ...new Set(version.tables.map(({ folder }) => folder))].map((folder) =>
      typeof folder === 'string' ? { folder } : {},
    );
    const environments = [{}, ...Object.keys(definition.environments ?? {}).map((environment) => ({ environment }))];
    return folders.flatMap((folder) => environments.map((environment) => toDigest(definition, { ...folder, ...environment })));
  };

  /** Marks the version by all verdicts that suites as they are now have given; what an older definition said no longer counts. */
  const markVersion = async (tx: Writers, ref: DatasetRef): Promise<void> => {
    const version = await tx.datasets.version(ref);
    if (version === undefined) return;
    const current = new Set((await tx.checks.suites()).flatMap((one) => digestsOf(one, version)));
    const verdicts = (await tx.checks.results(ref)).filter((one) => current.has(one.suiteDigest));
    const status = verdicts.every((one) => one.verdict === 'passed') ? 'accepted' : 'rejected';
    if (verdicts.length > 0 && status !== version.status) await tx.datasets.setStatus(ref, status);
  };

  const judge = async (
    version: DatasetVersion,
    folder: string | undefined,
    expectations: readonly Expectation[],
  ): Promise<readonly ExpectationResult[]> => {
    const asked = expectations.filter((one) => !isFirst(version, one));
    const source = await datasets.table(version, folder);
    const references = await findReferences(datasets, version, asked);
    const results = await tables.check(source, { expectations: asked, references, at: version.createdAt });
    const judged = new Map(asked.map((one, index) => [one, results[index]]));
    return expectations.map((one) => judged.get(one) ?? toVacuous(one));
  };

  /** Two that ask at once wait for one. */
  const unasked = new Map<string, Promise<void>>();

  const judgeUnasked = async (ref: DatasetRef): Promise<void> => {
    const suites = (await database.read.checks.suites()).filter((one) => one.automatic === true && one.dataset === ref.dataset);
    if (suites.length === 0) return;
    const folders = new Set((await datasets.version(ref)).tables.map(({ folder }) => folder));
    const limits = folders.size > 1 ? [...folders].map((folder) => ({ folder })) : [{}];
    for (const one of suites) {
      for (const limit of limits) {
        if ((await database.read.checks.result(toDigest(one, limit), ref)) === undefined)
          await run({ suite: one.name, ref, actor: 'system:check', ...limit });
      }
    }
  };

  const run: CheckService['run'] = async ({ suite: name, ref, folder, environment, again = false, actor }) => {
    const definition = await suite(name);
    const expectations = expectationsIn(definition, environment ?? null);
    const suiteDigest = toDigest(definition, {
      ...(folder === undefined ? {} : { folder }),
      ...(environment === undefined ? {} : { environment }),
    });
    const earlier = again ? undefined : await database.read.checks.result(suiteDigest, ref);
    if (earlier !== undefined) {
      // The suite may have been another in the meantime, and be this one again.
      await database.transaction((tx) => markVersion(tx, ref));
      return earlier;
    }
    const results = await judge(await datasets.version(ref), folder, expectations);
    const result: CheckResult = {
      id: ids.next(),
      dataset: ref.dataset,
      version: ref.version,
      suite: name,
      suiteDigest,
      environment: environment ?? null,
      verdict: toCheckVerdict(results),
      results,
      at: clock.now(),
    };
    const inserted = await database.transaction(async (tx) => {
      if (again) await tx.checks.deleteResult(suiteDigest, ref);
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
  };

  return {
    suite,
    define: (tx, definition) => tx.checks.putSuite(definition),
    suites: () => database.read.checks.suites(),
    results: (ref) => database.read.checks.results(ref),
    run,
    async judgeUnasked(ref) {
      const key = toRefText(ref);
      const work = unasked.get(key) ?? judgeUnasked(ref).finally(() => unasked.delete(key));
      unasked.set(key, work);
      return work;
    },
  };
}

function toVacuous(expectation: Expectation): ExpectationResult {
  return {
    expectation,
    outcome: 'passed',
    elementCount: 0,
    missingCount: null,
    unexpectedCount: 0,
    observed: null,
    samples: [],
    rows: [],
    note: 'vacuous: there is no version before this one',
  };
}
