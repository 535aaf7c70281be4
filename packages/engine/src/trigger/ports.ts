import type { Calendar, Clock, Database, FolderWatch, Hash, Ids, Log, SecretBox } from '@pawl/core';
import type { PipelineService } from '../pipeline/service.ts';

export interface TriggerPorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface TriggerServicePorts extends TriggerPorts {
  readonly calendar: Calendar;
  readonly hash: Hash;
  readonly secrets: SecretBox;
  readonly random: { bytes(length: number): Uint8Array };
}

export interface StarterPorts extends TriggerPorts {
  readonly pipelines: PipelineService;
  readonly calendar: Calendar;
  readonly log: Log;
}

export interface TriggerPollPorts extends TriggerPorts {
  readonly calendar: Calendar;
  readonly folderWatch: FolderWatch;
  readonly log: Log;
}

/** Who starts what a trigger starts. */
export const TRIGGER_ACTOR = 'system:trigger';
