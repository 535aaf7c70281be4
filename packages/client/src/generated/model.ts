// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { CallOptions, Send } from '../request.ts';
import type { ComparedText, GateDecision, ModelVersion, Run, StageMove, StageRequest } from './types.ts';

export interface ModelAliasInput {
  readonly model: string;
  readonly alias: string;
  /** A version number: 1, 2, 3, … */
  readonly version: number;
  readonly reason?: string | undefined;
  /** Overrule the gate; the reason says why. */
  readonly force?: boolean | undefined;
}

export interface ModelChangeInput {
  readonly model: string;
  readonly description?: string | undefined;
  /** Tags to set; null takes one away. */
  readonly tags?: Readonly<Record<string, string | null>> | undefined;
}

export interface ModelChange {
  readonly name: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly created_at: string;
  readonly created_by: string;
  readonly updated_at: string;
}

export interface ModelChangeVersionInput {
  readonly model: string;
  /** A version number: 1, 2, 3, … */
  readonly version: number;
  readonly description?: string | undefined;
  /** Tags to set; null takes one away. */
  readonly tags?: Readonly<Record<string, string | null>> | undefined;
}

export interface ModelCompareInput {
  readonly model: string;
  readonly version: string;
  readonly other: string;
  readonly with_model?: string | undefined;
}

export interface ModelCompare {
  /** Two. All that follows has a value for each, in this order; deltas are the second’s less the first’s. */
  readonly versions: readonly {
    readonly version: ModelVersion;
    readonly aliases: readonly string[];
    /** The run behind it; null when it names none, or one that is gone. */
    readonly run: Run | null;
    /** The newest decision on it. */
    readonly gate: GateDecision | null;
    /** Size of its files; null when they are not stored here. */
    readonly package: {
      readonly files: number;
      readonly bytes: number;
    } | null;
    readonly has_signature: boolean;
  }[];
  readonly params: readonly ComparedText[];
  readonly metrics: readonly {
    readonly key: string;
    /** Which way is better, as the request or the name tells. */
    readonly goal: 'min' | 'max' | null;
    /** Last, or best, value of each run. */
    readonly values: readonly ((number | 'NaN' | 'Infinity' | '-Infinity') | null)[];
    readonly least: readonly ((number | 'NaN' | 'Infinity' | '-Infinity') | null)[];
    readonly greatest: readonly ((number | 'NaN' | 'Infinity' | '-Infinity') | null)[];
    /** What each differs from the baseline by. */
    readonly deltas: readonly ((number | 'NaN' | 'Infinity' | '-Infinity') | null)[];
    /** Places of the runs with the best value, from 0; none where all are alike. */
    readonly best: readonly number[];
  }[];
  /** Whether gates judged both on the same data; else no check has a best. */
  readonly comparable: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly verdicts: readonly ('PASS' | 'FAIL' | 'INCONCLUSIVE' | null)[];
    /** What was measured, with its one-sided bounds in `lower` and `upper`. */
    readonly values: readonly (number | null)[];
    readonly lower: readonly (number | null)[];
    readonly upper: readonly (number | null)[];
    readonly goal: 'min' | 'max' | null;
    readonly best: readonly number[];
  }[];
  /** What they were trained on. */
  readonly data: readonly {
    readonly name: string;
    readonly version: string;
    readonly role: string;
    readonly used: readonly boolean[];
  }[];
  readonly signature: readonly {
    readonly part: 'input' | 'output' | 'param';
    readonly name: string;
    readonly types: readonly (string | null)[];
    readonly differs: boolean;
  }[];
  readonly tags: readonly ComparedText[];
  readonly code: readonly ComparedText[];
}

export interface ModelDeleteInput {
  readonly model: string;
}

export interface ModelDelete {
  readonly deleted: true;
}

export interface ModelDeleteVersionInput {
  readonly model: string;
  /** A version number: 1, 2, 3, … */
  readonly version: number;
}

export interface ModelGetInput {
  readonly model: string;
}

export interface ModelGet {
  readonly name: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly created_at: string;
  readonly created_by: string;
  readonly updated_at: string;
  readonly aliases: readonly {
    readonly alias: string;
    readonly version: number;
  }[];
}

export interface ModelGrantInput {
  readonly request: string;
  /** Why; recorded. */
  readonly note?: string | undefined;
}

export interface ModelListInput {
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
}

export interface ModelList {
  readonly items: readonly ModelChange[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface ModelRefuseInput {
  readonly request: string;
  /** Why; recorded. */
  readonly note?: string | undefined;
}

export interface ModelRegisterInput {
  readonly model: string;
  readonly manifest: {
    readonly entries: readonly {
      readonly path: string;
      readonly digest: string;
      readonly size: number;
      readonly mode: number;
    }[];
  };
  readonly run?: (string | null) | undefined;
  readonly task?: (string | null) | undefined;
  /** Data it was trained on. */
  readonly inputs?:
    | readonly {
        /** `name:version`. */
        readonly ref: string;
        /** What it was used for, such as `training`. */
        readonly role: string;
      }[]
    | undefined;
  /** Frozen data it is to be judged on. */
  readonly evaluation?: (string | null) | undefined;
  readonly description?: string | undefined;
  /** Absent: each request registers a version of its own. */
  readonly key?: string | undefined;
}

export interface ModelRegister {
  readonly created: boolean;
  readonly version: ModelVersion;
}

export interface ModelRenameInput {
  readonly model: string;
  readonly name: string;
}

export interface ModelRequestInput {
  readonly request: string;
}

export interface ModelRequestsInput {
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
  readonly model?: string | undefined;
  /** A version number: 1, 2, 3, … */
  readonly version?: number | undefined;
  readonly state?: 'pending' | 'granted' | 'refused' | 'withdrawn' | 'expired' | undefined;
}

export interface ModelRequests {
  readonly items: readonly StageRequest[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface ModelStageInput {
  readonly model: string;
  readonly version: string;
  readonly stage: 'None' | 'Staging' | 'Production' | 'Archived';
  readonly reason?: string | undefined;
  /** Overrule the gate; the reason says why. */
  readonly force?: boolean | undefined;
  /** Whether the other versions there are archived; absent: those in Production. */
  readonly archive_others?: boolean | undefined;
}

export interface ModelUnaliasInput {
  readonly model: string;
  readonly alias: string;
}

export interface ModelVersionInput {
  readonly model: string;
  readonly version: string;
}

export interface ModelVersionsInput {
  readonly model: string;
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
  readonly stage?: 'None' | 'Staging' | 'Production' | 'Archived' | undefined;
}

export interface ModelVersions {
  readonly items: readonly ModelVersion[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface ModelWithdrawInput {
  readonly request: string;
  /** Why; recorded. */
  readonly note?: string | undefined;
}

export interface ModelClient {
  /** Points an alias at a version. One that means what is in Production follows the rules of that stage. */
  alias(input: ModelAliasInput, options?: CallOptions): Promise<StageMove>;
  /** Changes the description and tags of a model; what is absent stays. */
  change(input: ModelChangeInput, options?: CallOptions): Promise<ModelChange>;
  /** Changes the description and tags of a version; what is absent stays. */
  changeVersion(input: ModelChangeVersionInput, options?: CallOptions): Promise<ModelVersion>;
  /** Compares two versions: parameters and metrics of their runs, gates’ measures, data, signature, size, code, stage, tags. */
  compare(input: ModelCompareInput, options?: CallOptions): Promise<ModelCompare>;
  /** Deletes a model with its versions, unless a gate or rollout governs it. */
  delete(input: ModelDeleteInput, options?: CallOptions): Promise<ModelDelete>;
  /** Deletes a version, unless an endpoint answers with it. Its number is not given again. */
  deleteVersion(input: ModelDeleteVersionInput, options?: CallOptions): Promise<ModelDelete>;
  /** Shows a model and its aliases. */
  get(input: ModelGetInput, options?: CallOptions): Promise<ModelGet>;
  /** Grants a request; the move happens at once. */
  grant(input: ModelGrantInput, options?: CallOptions): Promise<StageMove>;
  /** Lists models. */
  list(input?: ModelListInput, options?: CallOptions): Promise<ModelList>;
  /** Refuses a request. */
  refuse(input: ModelRefuseInput, options?: CallOptions): Promise<StageMove>;
  /** Registers a version whose files are stored already: an MLflow model directory. The same key gives the same version. */
  register(input: ModelRegisterInput, options?: CallOptions): Promise<ModelRegister>;
  /** Gives a model another name; versions, tags and aliases follow. A governed model keeps its name. */
  rename(input: ModelRenameInput, options?: CallOptions): Promise<ModelChange>;
  /** Shows a request for a move. */
  request(input: ModelRequestInput, options?: CallOptions): Promise<StageRequest>;
  /** Lists requests for moves, newest first. */
  requests(input?: ModelRequestsInput, options?: CallOptions): Promise<ModelRequests>;
  /** Moves a version to a stage, or asks for it where the rules of the model want an approval. Production takes only what its gate let through, by rollout where there are endpoints. */
  stage(input: ModelStageInput, options?: CallOptions): Promise<StageMove>;
  /** Takes an alias away. */
  unalias(input: ModelUnaliasInput, options?: CallOptions): Promise<ModelDelete>;
  /** Shows one version, by number, alias or stage. */
  version(input: ModelVersionInput, options?: CallOptions): Promise<ModelVersion>;
  /** Lists the versions of a model, newest first. */
  versions(input: ModelVersionsInput, options?: CallOptions): Promise<ModelVersions>;
  /** Takes back a request of one’s own. */
  withdraw(input: ModelWithdrawInput, options?: CallOptions): Promise<StageMove>;
}

export function createModelClient(send: Send): ModelClient {
  return {
    alias: ({ model, alias, ...body }, options) =>
      send({ method: 'PUT', path: `/models/${encodeURIComponent(model)}/aliases/${encodeURIComponent(alias)}`, body, options }),
    change: ({ model, ...body }, options) => send({ method: 'PUT', path: `/models/${encodeURIComponent(model)}`, body, options }),
    changeVersion: ({ model, version, ...body }, options) =>
      send({ method: 'PUT', path: `/models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}`, body, options }),
    compare: ({ model, version, other, ...query }, options) =>
      send({
        method: 'GET',
        path: `/models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}/compare/${encodeURIComponent(other)}`,
        query,
        options,
      }),
    delete: ({ model }, options) => send({ method: 'DELETE', path: `/models/${encodeURIComponent(model)}`, options }),
    deleteVersion: ({ model, version }, options) =>
      send({ method: 'DELETE', path: `/models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}`, options }),
    get: ({ model }, options) => send({ method: 'GET', path: `/models/${encodeURIComponent(model)}`, options }),
    grant: ({ request, ...body }, options) =>
      send({ method: 'POST', path: `/stage-requests/${encodeURIComponent(request)}/grant`, body, options }),
    list: (query, options) => send({ method: 'GET', path: '/models', query, options }),
    refuse: ({ request, ...body }, options) =>
      send({ method: 'POST', path: `/stage-requests/${encodeURIComponent(request)}/refuse`, body, options }),
    register: ({ model, ...body }, options) =>
      send({ method: 'POST', path: `/models/${encodeURIComponent(model)}/versions`, body, options }),
    rename: ({ model, ...body }, options) => send({ method: 'POST', path: `/models/${encodeURIComponent(model)}/rename`, body, options }),
    request: ({ request }, options) => send({ method: 'GET', path: `/stage-requests/${encodeURIComponent(request)}`, options }),
    requests: (query, options) => send({ method: 'GET', path: '/stage-requests', query, options }),
    stage: ({ model, version, ...body }, options) =>
      send({ method: 'POST', path: `/models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}/stage`, body, options }),
    unalias: ({ model, alias }, options) =>
      send({ method: 'DELETE', path: `/models/${encodeURIComponent(model)}/aliases/${encodeURIComponent(alias)}`, options }),
    version: ({ model, version }, options) =>
      send({ method: 'GET', path: `/models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}`, options }),
    versions: ({ model, ...query }, options) =>
      send({ method: 'GET', path: `/models/${encodeURIComponent(model)}/versions`, query, options }),
    withdraw: ({ request, ...body }, options) =>
      send({ method: 'POST', path: `/stage-requests/${encodeURIComponent(request)}/withdraw`, body, options }),
  };
}
