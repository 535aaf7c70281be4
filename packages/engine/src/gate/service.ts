import { decideGate, fault, toRefText } from '@pawl/core';
import type {
  CellValue,
  Clock,
  ColumnarTable,
  Database,
  DatasetRef,
  Digest,
  GateDecision,
  GateSpec,
  Ids,
  ModelVersion,
  Page,
  PageRequest,
  Tables,
  Writers,
} from '@pawl/core';
import type { DatasetService } from '../dataset/service.ts';
import { Conflict, retryOnConflict } from '../conflict.ts';
import { toEvent } from '../event.ts';
import { requireForce } from '../model/entry.ts';
import { requirePackage } from '../model/rules.ts';

/** Runs a model package over a table, as serving would. Throws `model_package_invalid`, `model_file_invalid`, `column_missing`. */
export interface ModelEvaluator {
  evaluate(model: Digest, table: ColumnarTable): Promise<{ readonly labels: readonly boolean[]; readonly scores: readonly number[] }>;
}

export interface GatePorts {
  readonly database: Database;
  readonly datasets: DatasetService;
  readonly tables: Tables;
  readonly evaluator: ModelEvaluator;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface GateService {
  define(tx: Writers, spec: GateSpec): Promise<void>;
  specs(): Promise<readonly GateSpec[]>;
  /**
   * Judges a version on its frozen evaluation data against the version in Production. With the same `id` it is judged once.
   * Throws `gate_not_found`, `gate_no_evaluation`, `model_version_not_found`.
   */
  decide(input: { readonly id: string; readonly model: string; readonly candidate: number; readonly actor: string }): Promise<GateDecision>;
  decision(id: string): Promise<GateDecision>;
  list(model: string | undefined, page: PageRequest): Promise<Page<GateDecision>>;
  /** Lets a version through although its gate did not say PASS: recorded with who and why, and shown wherever the version is. */
  force(input: {
    readonly model: string;
    readonly candidate: number;
    readonly reason: string;
    readonly actor: string;
  }): Promise<GateDecision>;
}

export function createGateService(ports: GatePorts): GateService {
  const { database, datasets, tables, evaluator, clock } = ports;

  const judge = async (spec: GateSpec, candidate: ModelVersion, champion: ModelVersion | undefined, evaluation: DatasetRef) => {
    const table = await tables.readColumns(await datasets.table(evaluation), null);
    if (table.rows === 0) throw fault('table_unreadable', { file: toRefText(evaluation), reason: 'it holds no row to judge on' });
    const truth = toTruth(table, spec.label, toRefText(evaluation));
    const ours = await evaluator.evaluate(requirePackage(candidate), table);
    const theirs = champion === undefined ? null : (await evaluator.evaluate(requirePackage(champion), table)).labels;
    return decideGate(spec, { truth, candidate: ours.labels, champion: theirs });
  };

  const decideOnce: GateService['decide'] = async ({ id, model, candidate, actor }) => {
    const earlier = await database.read.gates.decision(id);
    if (earlier !== undefined) return earlier;
    const spec = await database.read.gates.spec(model);
    if (spec === undefined) throw fault('gate_not_found', { model });
    const version = await database.read.models.version(model, candidate);
    if (version === undefined) throw fault('model_version_not_found', { name: model, version: String(candidate) });
    if (version.evaluation === null) throw fault('gate_no_evaluation', { model, version: candidate });
    const inProduction = (await database.read.models.versions(model, 'Production', { limit: 1 })).items[0];
    const champion = inProduction?.version === candidate ? undefined : inProduction;
    const { verdict, checks } = await judge(spec, version, champion, version.evaluation);
    const decision: GateDecision = {
      id,
      gate: spec.name,
      model,
      candidate,
      champion: champion?.version ?? null,
      evaluation: version.evaluation,
      verdict,
      checks,
      at: clock.now(),
      forced: null,
    };
    return database.transaction(async (tx) => {
      // Judged against a version that has been replaced in the meantime, it would say nothing of the one to be replaced.
      const now = (await tx.models.versions(model, 'Production', { limit: 1 })).items[0];
      if (now?.version !== inProduction?.version) throw new Conflict();
      if (!(await tx.gates.insert(decision))) return (await tx.gates.decision(id)) ?? decision;
      await tx.events.append([
        toEvent(ports, 'gate.decided', `gate/${id}`, actor, {
          decision: id,
          model,
          candidate,
          champion: decision.champion,
          verdict,
          evaluation: toRefText(decision.evaluation),
        }),
      ]);
      return decision;
    });
  };

  return {
    async define(tx, spec) {
      if (!(spec.margin > 0 && spec.margin < 1))
        throw fault('invalid_input', {
          where: `margin of gate "${spec.name}"`,
          problem: 'it must lie between 0 and 1, such as 0.01: without a margin no number of rows proves "no worse".',
        });
      await tx.gates.putSpec(spec);
      await tx.events.append([toEvent(ports, 'gate.defined', `gate/${spec.name}`, 'system:apply', { gate: spec.name, model: spec.model })]);
    },
    specs: () => database.read.gates.specs(),
    list: (model, page) => database.read.gates.list(model, page),
    async decision(id) {
      const found = await database.read.gates.decision(id);
      if (found === undefined) throw fault('not_found', { what: `gate decision ${id}` });
      return found;
    },
    decide: (input) => retryOnConflict(`The gate of model "${input.model}"`, () => decideOnce(input)),
    async force({ model, candidate, reason, actor }) {
      return database.transaction(async (tx) => {
        requireForce(await tx.approvals.policy(model), model, actor, reason);
        const decision = await tx.gates.latest(model, candidate);
        if (decision === undefined) throw fault('gate_undecided', { model, version: candidate });
        const force = { actor, reason, at: clock.now() };
        await tx.gates.setForced(decision.id, force);
        await tx.events.append([
          toEvent(ports, 'gate.forced', `gate/${decision.id}`, actor, {
            decision: decision.id,
            model,
            candidate,
            verdict: decision.verdict,
            reason,
          }),
        ]);
        return { ...decision, forced: force };
      });
    },
  };
}

function toTruth(table: ColumnarTable, label: string, where: string): readonly boolean[] {
  const column = table.columns[label];
  if (column === undefined) throw fault('column_missing', { column: label, where, columns: Object.keys(table.columns) });
  return column.map((value: CellValue, row) => {
    if (typeof value === 'boolean') return value;
    if (value === 0 || value === 1) return value === 1;
    throw fault('table_unreadable', { file: where, reason: `row ${row + 1} of "${label}" is ${JSON.stringify(value)}, not true or false` });
  });
}
