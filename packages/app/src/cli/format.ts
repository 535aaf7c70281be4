/** Values of the API as people read them. */

/** RFC 3339 in UTC → `2026-11-24 11:34:55`. */
export function formatTime(time: string | null | undefined): string {
  return time === null || time === undefined ? '' : time.replace('T', ' ').replace(/(?:\.\d+)?Z$/, '');
}

/** `1.5 kB`, in powers of 1000. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ''}`;
}

export function formatCount(count: number): string {
  // What knows all languages takes longer to load than many a command.
  return Number.isInteger(count) ? String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',') : count.toLocaleString('en-US');
}

/** `350 ms`, `4.2 s`, `3 min 5 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor((seconds % 86_400) / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** Time between two moments of the API; until now when it has not ended. */
export function formatSpan(from: string | null, until: string | null, now: number): string {
  return from === null ? '' : formatDuration(Math.max(0, (until === null ? now : Date.parse(until)) - Date.parse(from)));
}

/** `0.0123`, `1.23e+8`: three significant digits, whole numbers whole. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return formatCount(value);
  const size = Math.abs(value);
  return size >= 1e6 || size < 1e-4 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}

/** `0.42 EUR`; below a cent, two significant digits. */
export function formatCost({ amount, currency }: { readonly amount: number; readonly currency: string }): string {
  const shown = amount === 0 || amount >= 0.1 ? amount.toFixed(2) : String(Number(amount.toPrecision(2)));
  return `${shown} ${currency}`;
}

/** A share → `12.3 %`; small ones keep two significant digits. */
export function formatShare(share: number): string {
  const percent = share * 100;
  return `${percent !== 0 && Math.abs(percent) < 1 ? Number(percent.toPrecision(2)) : Number(percent.toFixed(1))} %`;
}

/** `sha256:` and the first twelve digits: enough to tell, short enough to read. */
export function shortDigest(digest: string): string {
  return digest.replace(/^(sha256:[0-9a-f]{12})[0-9a-f]+$/, '$1…');
}

/** `3 files`, `1 file`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
