import { isForeignId } from '@pawl/core';
import type { ImportService } from '@pawl/engine';
import { mlflowError } from './errors.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Experiments that came from a store with longer numbers than ours (MLflow's file store gives 18 digits, more than a number holds exactly) keep them for
 * MLflow's clients: requests and answers are translated on their way. A server without such experiments reads nothing and changes nothing.
 */
export interface ForeignIds {
  /** Fields of a request with our numbers. Throws RESOURCE_DOES_NOT_EXIST for a number that no experiment has. */
  inward(fields: Fields): Promise<Fields>;
  /** An answer's JSON with theirs. */
  outward(json: string): Promise<string>;
}

/** Where requests name experiments, at any depth. */
const NESTED: ReadonlySet<string> = new Set(['locations', 'mlflow_experiment', 'trace', 'trace_info', 'trace_location']);
/** Text inside JSON has its quotes escaped: this finds members and nothing else. */
const MEMBER = /"experiment_id":"([0-9]{1,9})"/g;

export function createForeignIds(imports: Pick<ImportService, 'foreignIds' | 'experimentOf'>): ForeignIds {
  const toOwn = async (id: unknown): Promise<unknown> => {
    if (typeof id !== 'string' || !/^[0-9]+$/.test(id) || !isForeignId(id)) return id;
    const own = await imports.experimentOf(id);
    return own === undefined ? undefined : String(own);
  };

  async function inward(fields: Fields): Promise<Fields> {
    const { experiment_id: one, experiment_ids: many } = fields;
    let changed = fields;
    if (one !== undefined) {
      const own = await toOwn(one);
      if (own === undefined) throw mlflowError('RESOURCE_DOES_NOT_EXIST', `No Experiment with id=${one as string} exists`);
      if (own !== one) changed = { ...changed, experiment_id: own };
    }
    if (Array.isArray(many) || typeof many === 'string') {
      const list = Array.isArray(many) ? (many as unknown[]) : [many];
      if (list.some((id) => typeof id === 'string' && isForeignId(id))) {
        const own = await Promise.all(list.map(toOwn));
        // As MLflow does: what is not there has no runs.
        changed = { ...changed, experiment_ids: own.filter((id) => id !== undefined) };
      }
    }
    for (const [name, value] of Object.entries(fields)) if (NESTED.has(name)) changed = { ...changed, [name]: await inwardAll(value) };
    return changed;
  }

  async function inwardAll(value: unknown): Promise<unknown> {
    if (Array.isArray(value)) return Promise.all((value as unknown[]).map(inwardAll));
    return typeof value === 'object' && value !== null ? inward(value as Fields) : value;
  }

  return {
    inward,
    async outward(json) {
      if (!json.includes('"experiment_id":"')) return json;
      const ids = await imports.foreignIds();
      if (ids.size === 0) return json;
      return json.replaceAll(MEMBER, (whole, own: string) => {
        const foreign = ids.get(Number(own));
        return foreign === undefined ? whole : `"experiment_id":"${foreign}"`;
      });
    },
  };
}
