import type { Calendar } from './calendar.ts';

export type PartitionUnit = 'hourly' | 'daily' | 'weekly' | 'monthly';

/** One piece of a range: its name, and the moments it lies between, the end not included. */
export interface SchedulePartition {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Partitions of one backfill. */
export const MOST_PARTITIONS = 10_000;

/** Weeks begin on Monday (ISO 8601). */
const CRON: Readonly<Record<PartitionUnit, string>> = {
  hourly: '0 * * * *',
  daily: '0 0 * * *',
  weekly: '0 0 * * 1',
  monthly: '0 0 1 * *',
};

/**
 * The partitions that begin in [from, to), by the calendar of a time zone: a day that is 23 hours long is one partition. At most `MOST_PARTITIONS` and one, so that a caller sees
 * that there are more.
 */
export function toPartitions(
  calendar: Calendar,
  unit: PartitionUnit,
  timezone: string,
  from: number,
  to: number,
): readonly SchedulePartition[] {
  const partitions: SchedulePartition[] = [];
  let start = calendar.next(CRON[unit], timezone, from - 1);
  while (start !== undefined && start < to && partitions.length <= MOST_PARTITIONS) {
    const end = calendar.next(CRON[unit], timezone, start);
    if (end === undefined) break;
    partitions.push({ name: toPartitionName(calendar, unit, timezone, start), start, end });
    start = end;
  }
  return partitions;
}

/** `2026-01-05`, `2026-01` for months, `2026-01-05T13:00Z` in UTC for hours, of which a day may have two of one local name. */
function toPartitionName(calendar: Calendar, unit: PartitionUnit, timezone: string, start: number): string {
  if (unit === 'hourly') return `${calendar.local(start, 'UTC')}Z`;
  const local = calendar.local(start, timezone);
  return unit === 'monthly' ? local.slice(0, 7) : local.slice(0, 10);
}
