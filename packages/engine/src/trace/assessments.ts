import { changeAssessment, checkAssessment, fault, toTraceMetadata } from '@pawl/core';
import type { Assessment, AssessmentChange, Clock, Database, Hash, Ids, Trace, Writers } from '@pawl/core';
import { toEvent } from '../event.ts';

export interface AssessmentPorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly hash: Hash;
}

export type NewAssessment = Omit<Assessment, 'id' | 'valid' | 'createdAt' | 'updatedAt'> & {
  /** When it was made, where that was earlier than now. */
  readonly createdAt?: number;
};

export interface AssessmentService {
  /**
   * An assessment as a client sends it, with what only the server gives. One that comes with its trace says its place among them: then its id follows from what it says,
   * and the same trace told twice has it once. Throws `record_invalid`.
   */
  complete(assessment: NewAssessment, place?: number): Assessment;
  /** What it overrides is valid no more. Throws `trace_not_found`, `assessment_not_found` (of what it overrides), `record_invalid`. */
  create(assessment: NewAssessment, actor: string): Promise<Assessment>;
  /** Throws `trace_not_found`, `assessment_not_found`. */
  get(trace: string, id: string): Promise<Assessment>;
  /** Throws also `assessment_kind_kept`, `record_invalid`. */
  change(trace: string, id: string, change: AssessmentChange, actor: string): Promise<Assessment>;
  /** What it overrode is valid again; nothing happens where there is none. Throws `trace_not_found`. */
  remove(trace: string, id: string, actor: string): Promise<void>;
}

export function createAssessmentService(ports: AssessmentPorts): AssessmentService {
  const { database, clock, ids, hash } = ports;

  function complete({ createdAt, metadata, ...told }: NewAssessment, place?: number): Assessment {
    checkAssessment(told);
    const now = clock.now();
    const own = place === undefined ? ids.next() : hash(JSON.stringify([place, createdAt ?? 0, told])).slice(-32);
    return {
      ...told,
      id: `a-${own}`,
      metadata: toTraceMetadata(metadata),
      createdAt: createdAt ?? now,
      updatedAt: createdAt ?? now,
      valid: true,
    };
  }

  async function find(from: Pick<Writers, 'traces'> | Database['read'], id: string): Promise<Trace> {
    const [trace] = await from.traces.many([id]);
    if (trace === undefined) throw fault('trace_not_found', { id });
    return trace;
  }

  function pick(trace: Trace, id: string): Assessment {
    const found = trace.assessments.find((one) => one.id === id);
    if (found === undefined) throw fault('assessment_not_found', { trace: trace.id, id });
    return found;
  }

  /** Writes what `decide` makes of the trace, and tells of the last of it. */
  function write(id: string, actor: string, action: string, decide: (trace: Trace) => readonly Assessment[]): Promise<Assessment> {
    return database.transaction(async (tx) => {
      const trace = await find(tx, id);
      const assessments = decide(trace);
      await tx.traces.record([{ head: trace, assessments }]);
      const last = assessments.at(-1) as Assessment;
      await tell(tx, last, actor, action);
      return last;
    });
  }

  async function tell(tx: Pick<Writers, 'events'>, { trace, id, name, kind }: Assessment, actor: string, action: string): Promise<void> {
    const data = { trace, assessment: id, name, kind, action };
    await tx.events.append([toEvent(ports, 'trace.assessed', `trace/${trace}`, actor, data)]);
  }

  return {
    complete,
    create(told, actor) {
      const made = complete(told);
      return write(made.trace, actor, 'created', (trace) => {
        const { overrides } = made;
        return overrides === null ? [made] : [{ ...pick(trace, overrides), valid: false }, made];
      });
    },
    get: async (trace, id) => pick(await find(database.read, trace), id),
    change: (trace, id, change, actor) =>
      write(trace, actor, 'changed', (found) => [changeAssessment(pick(found, id), change, clock.now())]),
    async remove(id, assessment, actor) {
      await database.transaction(async (tx) => {
        const trace = await find(tx, id);
        const gone = trace.assessments.find((one) => one.id === assessment);
        if (gone === undefined) return;
        await tx.traces.deleteAssessment(id, assessment);
        const overridden = trace.assessments.filter((one) => one.id === gone.overrides);
        await tx.traces.record([{ head: trace, assessments: overridden.map((one) => ({ ...one, valid: true })) }]);
        await tell(tx, gone, actor, 'deleted');
      });
    },
  };
}
