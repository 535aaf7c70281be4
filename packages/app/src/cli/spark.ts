const BARS = '▁▂▃▄▅▆▇█';

/** Values as a line of bars, the newest at the right; what is no finite number is a dot. Of more than `width`, the last. */
export function toSpark(values: readonly number[], width: number): string {
  const shown = values.slice(-width);
  const finite = shown.filter((value) => Number.isFinite(value));
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  return shown
    .map((value) => {
      if (!Number.isFinite(value)) return '·';
      const share = high > low ? (value - low) / (high - low) : 0.5;
      return BARS[Math.min(BARS.length - 1, Math.floor(share * BARS.length))] ?? '';
    })
    .join('');
}
