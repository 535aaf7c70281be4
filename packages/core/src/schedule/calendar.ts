/** Reads cron lines in time zones: what a vendor does. */
export interface Calendar {
  /** Why a line or a zone cannot be read; undefined when both can. */
  problem(cron: string, timezone: string): string | undefined;
  /** The first moment after `after`, epoch ms; undefined when there is none. */
  next(cron: string, timezone: string, after: number): number | undefined;
  /** The last moment before `before`. */
  previous(cron: string, timezone: string, before: number): number | undefined;
  /** The moment at which a local date and time falls (`YYYY-MM-DD` and optionally `THH:mm`); of two the first, of none the first after the gap. Undefined for what is no date. */
  moment(local: string, timezone: string): number | undefined;
  /** Local date and time of a moment, `YYYY-MM-DDTHH:mm`. */
  local(moment: number, timezone: string): string;
}
