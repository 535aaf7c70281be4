import type { ReportProblem } from '@pawl/core';
import { toStorable } from '../sql/text.ts';
import type { ForeignValue } from './foreign.ts';

/** Values of a foreign store as records here have them; what has no place here is told, with what became of it. */
export interface ValueReader {
  /** Text without what no store here keeps: U+0000 and halves of surrogate pairs become U+FFFD. */
  text(place: string, value: ForeignValue | undefined): string;
  /** A whole number, or `otherwise` when there is none or it is beyond 2^53. */
  whole<Otherwise>(place: string, value: ForeignValue | undefined, otherwise: Otherwise): number | Otherwise;
}

export function createValueReader(report: ReportProblem): ValueReader {
  return {
    text(place, value) {
      if (value === null || value === undefined) return '';
      const text = String(value);
      const storable = toStorable(text);
      if (storable !== text) report(place, 'its text holds U+0000 or half of a character; U+FFFD takes its place');
      return storable;
    },
    whole(place, value, otherwise) {
      if (value === null || value === undefined || value === '') return otherwise;
      const number = Number(value);
      if (Number.isSafeInteger(number)) return number;
      report(place, `${String(value)} is no whole number of at most 2^53 - 1 and is left out`);
      return otherwise;
    },
  };
}

const STATUSES = ['running', 'scheduled', 'finished', 'failed', 'killed'] as const;
export type Status = (typeof STATUSES)[number];

/** A run's status by MLflow's name or number (RunStatus in its protocol). */
export function toStatus(value: string): Status {
  const named = STATUSES.find((status) => status === value.toLowerCase());
  return named ?? STATUSES[Number(value) - 1] ?? 'running';
}

const MODEL_STATUSES = ['pending', 'ready', 'failed'] as const;

/** A logged model's status by its number, or by its name with or without prefix. */
export function toModelStatus(value: string): (typeof MODEL_STATUSES)[number] {
  const name = value.toUpperCase().replace(/^LOGGED_MODEL_/, '');
  if (name === 'UPLOAD_FAILED' || name === 'FAILED') return 'failed';
  return MODEL_STATUSES.find((status) => status === name.toLowerCase()) ?? MODEL_STATUSES[Number(value) - 1] ?? 'pending';
}

const STAGES = ['None', 'Staging', 'Production', 'Archived'] as const;

/** MLflow keeps the number of a deleted version by a stage of this name. */
export const DELETED_STAGE = 'Deleted_Internal';

export function toStage(value: string): (typeof STAGES)[number] {
  return STAGES.find((stage) => stage.toLowerCase() === value.toLowerCase()) ?? 'None';
}

export function toLifecycle(value: string): 'active' | 'deleted' {
  return value.toLowerCase() === 'deleted' ? 'deleted' : 'active';
}

/** As Pawl writes who did something. */
export function toActor(user: string): string {
  return user === '' ? 'user:anonymous' : `user:${user}`;
}

export const RUN_ID: RegExp = /^[0-9a-f]{32}$/;
export const LOGGED_MODEL_ID: RegExp = /^m-[0-9a-f]{32}$/;
