// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { CallOptions, Send } from '../request.ts';
import type { Experiment } from './types.ts';

export interface ExperimentCreateInput {
  readonly name: string;
  /** Where its name says when absent: `team/fraud/xgb` lies in `team/fraud`. */
  readonly folder?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** A store that clients write to by themselves; the server keeps artifacts when absent. */
  readonly artifact_location?: string | undefined;
}

export interface ExperimentDeleteInput {
  /** Number, name, or folder and name. */
  readonly experiment: string;
}

export interface ExperimentDeleteFolderInput {
  /** Such as `team/fraud`; empty or `/` for the root. */
  readonly folder: string;
  /** Only tells what would happen. */
  readonly dry_run?: boolean | undefined;
}

export interface ExperimentDeleteFolder {
  /** Those that were changed, as they are now. */
  readonly experiments: readonly Experiment[];
}

export interface ExperimentFoldersInput {
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
  /** Such as `team/fraud`; empty or `/` for the root. */
  readonly folder?: string | undefined;
  readonly lifecycle?: 'active' | 'deleted' | undefined;
}

export interface ExperimentFoldersItem {
  readonly folder: string;
  readonly name: string;
  /** In it and below. */
  readonly experiments: number;
}

export interface ExperimentFolders {
  readonly items: readonly ExperimentFoldersItem[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface ExperimentGetInput {
  /** Number, name, or folder and name. */
  readonly experiment: string;
}

export interface ExperimentListInput {
  /** Most items of one answer. */
  readonly limit?: number | undefined;
  /** Cursor: `next` of the answer before. */
  readonly after?: string | undefined;
  /** Such as `team/fraud`; empty or `/` for the root. */
  readonly folder?: string | undefined;
  /** With a folder: what lies below it too. */
  readonly deep?: 'true' | 'false' | undefined;
  readonly lifecycle?: 'active' | 'deleted' | undefined;
}

export interface ExperimentList {
  readonly items: readonly Experiment[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface ExperimentMoveInput {
  /** Number, name, or folder and name. */
  readonly experiment: string;
  /** Such as `team/fraud`; empty or `/` for the root. */
  readonly folder: string;
}

export interface ExperimentMoveFolderInput {
  /** Such as `team/fraud`; empty or `/` for the root. */
  readonly folder: string;
  /** What the folder is to be called, with all its parents. */
  readonly to: string;
  /** Only tells what would happen. */
  readonly dry_run?: boolean | undefined;
}

export interface ExperimentRenameInput {
  /** Number, name, or folder and name. */
  readonly experiment: string;
  readonly name: string;
}

export interface ExperimentRestoreInput {
  /** Number, name, or folder and name. */
  readonly experiment: string;
}

export interface ExperimentRestoreFolderInput {
  /** Such as `team/fraud`; empty or `/` for the root. */
  readonly folder: string;
  /** Only tells what would happen. */
  readonly dry_run?: boolean | undefined;
}

export interface ExperimentTagInput {
  /** Number, name, or folder and name. */
  readonly experiment: string;
  readonly set?: Readonly<Record<string, string>> | undefined;
  readonly remove?: readonly string[] | undefined;
}

export interface ExperimentClient {
  /** Makes an experiment, or gives the one of that name as it is. */
  create(input: ExperimentCreateInput, options?: CallOptions): Promise<Experiment>;
  /** Puts an experiment away with its runs: it can be read and restored, and takes no more runs. */
  delete(input: ExperimentDeleteInput, options?: CallOptions): Promise<Experiment>;
  /** Puts away every experiment in a folder and below it. */
  deleteFolder(input: ExperimentDeleteFolderInput, options?: CallOptions): Promise<ExperimentDeleteFolder>;
  /** Lists the folders directly below one. */
  folders(input?: ExperimentFoldersInput, options?: CallOptions): Promise<ExperimentFolders>;
  /** Shows an experiment, also one that is deleted. */
  get(input: ExperimentGetInput, options?: CallOptions): Promise<Experiment>;
  /** Lists experiments, of all folders or of one. */
  list(input?: ExperimentListInput, options?: CallOptions): Promise<ExperimentList>;
  /** Moves an experiment to a folder; its name stays, so that scripts find it. */
  move(input: ExperimentMoveInput, options?: CallOptions): Promise<Experiment>;
  /** Moves or renames a folder with all that is in it. */
  moveFolder(input: ExperimentMoveFolderInput, options?: CallOptions): Promise<ExperimentDeleteFolder>;
  /** Renames an experiment. One that lies where its name says goes along with it. */
  rename(input: ExperimentRenameInput, options?: CallOptions): Promise<Experiment>;
  /** Brings back an experiment, with the runs that were deleted with it. */
  restore(input: ExperimentRestoreInput, options?: CallOptions): Promise<Experiment>;
  /** Brings back the experiments that were deleted with their folder. */
  restoreFolder(input: ExperimentRestoreFolderInput, options?: CallOptions): Promise<ExperimentDeleteFolder>;
  /** Sets and removes tags of an experiment. */
  tag(input: ExperimentTagInput, options?: CallOptions): Promise<Experiment>;
}

export function createExperimentClient(send: Send): ExperimentClient {
  return {
    create: (body, options) => send({ method: 'POST', path: '/experiments', body, options }),
    delete: ({ experiment }, options) => send({ method: 'DELETE', path: `/experiments/${encodeURIComponent(experiment)}`, options }),
    deleteFolder: (body, options) => send({ method: 'POST', path: '/experiment-folders/delete', body, options }),
    folders: (query, options) => send({ method: 'GET', path: '/experiment-folders', query, options }),
    get: ({ experiment }, options) => send({ method: 'GET', path: `/experiments/${encodeURIComponent(experiment)}`, options }),
    list: (query, options) => send({ method: 'GET', path: '/experiments', query, options }),
    move: ({ experiment, ...body }, options) =>
      send({ method: 'POST', path: `/experiments/${encodeURIComponent(experiment)}/move`, body, options }),
    moveFolder: (body, options) => send({ method: 'POST', path: '/experiment-folders/move', body, options }),
    rename: ({ experiment, ...body }, options) =>
      send({ method: 'POST', path: `/experiments/${encodeURIComponent(experiment)}/rename`, body, options }),
    restore: ({ experiment }, options) => send({ method: 'POST', path: `/experiments/${encodeURIComponent(experiment)}/restore`, options }),
    restoreFolder: (body, options) => send({ method: 'POST', path: '/experiment-folders/restore', body, options }),
    tag: ({ experiment, ...body }, options) =>
      send({ method: 'POST', path: `/experiments/${encodeURIComponent(experiment)}/tags`, body, options }),
  };
}
