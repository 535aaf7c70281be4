import type { RunSchedule, ScheduleSource } from '../trigger/types.ts';
import type { Calendar } from './calendar.ts';

/** A moment that is seen within this time was not missed: a server that starts again takes so long. */
const ON_TIME_MS = 60_000;

/** The first moment of a schedule after `after`; undefined when there is none. */
export function nextFire(calendar: Calendar, source: ScheduleSource, after: number): number | undefined {
  const from = source.start === null ? after : Math.max(after, source.start - 1);
  const next = source.everyMs === null ? calendar.next(source.cron ?? '', source.timezone, from) : nextStep(source, source.everyMs, from);
  return next === undefined || (source.end !== null && next > source.end) ? undefined : next;
}

function nextStep(source: ScheduleSource, every: number, after: number): number {
  const anchor = source.start ?? 0;
  return anchor + (Math.floor((after - anchor) / every) + 1) * every;
}

function previousFire(calendar: Calendar, source: ScheduleSource, before: number): number | undefined {
  if (source.everyMs === null) return calendar.previous(source.cron ?? '', source.timezone, before);
  return nextStep(source, source.everyMs, before - 1) - source.everyMs;
}

/** How much later than its moment a run starts: the same for the same moment, spread evenly over the triggers. */
export function jitterOf(source: ScheduleSource, trigger: string, moment: number): number {
  if (source.jitterMs === 0) return 0;
  // FNV-1a, 32 bits (Fowler, Noll, Vo).
  let hash = 0x811c9dc5;
  for (const character of `${trigger} ${moment}`) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return Math.floor((hash / 2 ** 32) * source.jitterMs);
}

export interface DueFires {
  /** What starts, oldest first. */
  readonly fires: readonly RunSchedule[];
  /** The moments that are passed over, oldest and newest; null: none. */
  readonly missed: { readonly from: number; readonly to: number } | null;
  /** The first moment after now; null: none any more. */
  readonly next: number | null;
}

/** What a schedule owes at `now` when its next moment was `stored`: all that was missed, the latest of it, or nothing but what is on time. The data of each is the time since the moment before. */
export function dueFires(calendar: Calendar, source: ScheduleSource, stored: number, now: number): DueFires {
  if (stored > now) return { fires: [], missed: null, next: stored };
  const next = nextFire(calendar, source, now) ?? null;
  const most = source.catchUp === 'all' ? source.catchUpLimit : 1;
  // Backwards from now: of more than the limit the latest count, and years of downtime cost no more than that.
  const moments: number[] = [];
  let earlier: number | undefined = lastUpTo(calendar, source, now);
  while (earlier !== undefined && earlier >= stored && moments.length < most) {
    moments.push(earlier);
    earlier = previousFire(calendar, source, earlier);
  }
  let missedTo = earlier !== undefined && earlier >= stored ? earlier : undefined;
  const [latest] = moments;
  if (source.catchUp === 'none' && latest !== undefined && now - latest > ON_TIME_MS + source.jitterMs) {
    moments.length = 0;
    missedTo = latest;
  }
  const fires = moments.toReversed().map((moment): RunSchedule => ({
    scheduledFor: moment,
    start: previousFire(calendar, source, moment) ?? moment,
    end: moment,
  }));
  return { fires, missed: missedTo === undefined ? null : { from: stored, to: missedTo }, next };
}

function lastUpTo(calendar: Calendar, source: ScheduleSource, now: number): number | undefined {
  return previousFire(calendar, source, (source.end === null ? now : Math.min(now, source.end)) + 1);
}
