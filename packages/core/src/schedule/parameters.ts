import type { RunSchedule } from '../trigger/types.ts';
import type { Calendar } from './calendar.ts';

const DAYISH_MS = 20 * 3_600_000;

/** Parameters that a run with a schedule is given, where its pipeline has them and nobody said otherwise. */
export const scheduleParameters = ['scheduled_for', 'interval_start', 'interval_end', 'partition'] as const;

/** Their values; `partition` is the name of a backfill's partition, else the local date, with the time when the interval is shorter than a day. */
export function toScheduleParameters(
  calendar: Calendar,
  timezone: string,
  schedule: RunSchedule,
  known: readonly string[],
  partition: string | undefined,
  toText: (moment: number) => string,
): Readonly<Record<string, string>> {
  const local = calendar.local(schedule.start, timezone);
  const values: Readonly<Record<string, string>> = {
    scheduled_for: toText(schedule.scheduledFor),
    interval_start: toText(schedule.start),
    interval_end: toText(schedule.end),
    partition: partition ?? (schedule.end - schedule.start > DAYISH_MS ? local.slice(0, 10) : local),
  };
  return Object.fromEntries(Object.entries(values).filter(([name]) => known.includes(name)));
}
