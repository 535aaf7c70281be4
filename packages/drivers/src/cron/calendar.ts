import type { Calendar } from '@pawl/core';
import type { Cron } from 'croner';

/** Lines in use, parsed; a line of another schedule than before costs its parsing again. */
const MOST_PARSED = 1000;

/**
 * Cron lines by croner: five fields, or six with seconds first, names, steps, `L`, `#`, `@daily`. A local time that daylight saving leaves out counts as the first moment after the gap; of one
 * that comes twice a fixed time counts once, and one with `*` or a step in its hours each time.
 */
export async function createCalendar(): Promise<Calendar> {
  const croner = await import('croner');
  const parsed = new Map<string, Cron>();
  const formats = new Map<string, Intl.DateTimeFormat>();

  const parse = (cron: string, timezone: string): Cron => {
    const key = `${timezone} ${cron}`;
    const found = parsed.get(key);
    if (found !== undefined) return found;
    const made = new croner.Cron(cron, { timezone, paused: true, mode: '5-or-6-parts' });
    if (parsed.size >= MOST_PARSED) parsed.clear();
    parsed.set(key, made);
    return made;
  };

  const local = (moment: number, timezone: string): string => {
    let format = formats.get(timezone);
    if (format === undefined) {
      format = new Intl.DateTimeFormat('en-CA', {
        timeZone: timezone,
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
        hourCycle: 'h23',
      });
      formats.set(timezone, format);
    }
    const parts = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, value]));
    return `${parts['year']}-${parts['month']}-${parts['day']}T${parts['hour']}:${parts['minute']}`;
  };

  return {
    problem(cron, timezone) {
      try {
        new Intl.DateTimeFormat('en', { timeZone: timezone }).format(0);
      } catch {
        return `there is no time zone "${timezone}"; use an IANA name such as Europe/Berlin`;
      }
      try {
        if (parse(cron, timezone).nextRun(new Date(0)) === null) return `"${cron}" never comes`;
        return undefined;
      } catch (error) {
        const reason = error instanceof Error ? error.message.replace(/^Cron[A-Za-z]*: /, '') : String(error);
        return `"${cron}" is no cron line (${reason}); write five fields: minute hour day month weekday`;
      }
    },
    next: (cron, timezone, after) => parse(cron, timezone).nextRun(new Date(after))?.getTime(),
    previous: (cron, timezone, before) => parse(cron, timezone).previousRuns(1, new Date(before))[0]?.getTime(),
    moment(text, timezone) {
      const match = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2}))?$/.exec(text);
      if (match === null) return undefined;
      const [year, month, day, hour, minute] = match.slice(1).map((part) => Number(part ?? 0)) as [number, number, number, number, number];
      const utc = Date.UTC(year, month - 1, day, hour, minute);
      const isTime = month >= 1 && month <= 12 && day >= 1 && hour <= 23 && minute <= 59;
      // A day that its month does not have would roll over into the next.
      if (!isTime || new Date(utc).getUTCDate() !== day) return undefined;
      // The local clock is at most a day off UTC.
      return parse(`${minute} ${hour} ${day} ${month} *`, timezone)
        .nextRun(new Date(utc - 36 * 3_600_000))
        ?.getTime();
    },
    local,
  };
}
