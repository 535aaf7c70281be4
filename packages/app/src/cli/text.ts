/** Text as a terminal shows it: how wide, where to cut, and without what would move its cursor. */
let made: Intl.Segmenter | undefined;

/** Made when it is first needed: that takes longer than many a command. */
function segmentsOf(text: string): Intl.Segments {
  made ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return made.segment(text);
}

/** East Asian wide and full-width blocks and emoji (Unicode UAX #11): two columns each. */
const WIDE =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{17000}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}])/u;
const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
// oxlint-disable-next-line no-control-regex -- these are what it is for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]+/g;
// oxlint-disable-next-line no-control-regex -- these are what it is for
const STEERING = /\u001b\[[0-9;]*m|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
const PLAIN = /^[\x20-\x7e]*$/;

/** What a program wrote, without its colours and whatever else steers a terminal; tabs and line ends stay. */
export function withoutControls(text: string): string {
  return text.replaceAll(STEERING, '');
}

/** Columns that text takes. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmentsOf(text)) width += graphemeWidth(segment);
  return width;
}

function graphemeWidth(grapheme: string): number {
  if (NO_WIDTH.test(grapheme)) return 0;
  return WIDE.test(grapheme) || grapheme.includes('\ufe0f') ? 2 : 1;
}

/** At most `width` columns; what is cut off shows as an ellipsis. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of segmentsOf(text)) {
    const next = graphemeWidth(segment);
    if (used + next > width - 1) break;
    kept += segment;
    used += next;
  }
  return width < 1 ? '' : `${kept}…`;
}

/** On one line and without control characters: data must not steer the terminal it is shown on. */
export function toLine(text: string): string {
  return text.replaceAll(CONTROL, ' ').trim();
}

export type Style = 'good' | 'bad' | 'warn' | 'dim' | 'bold';

const CODES: Readonly<Record<Style, string>> = { good: '32', bad: '31', warn: '33', dim: '2', bold: '1' };

export function paint(text: string, style: Style | undefined, color: boolean): string {
  return color && style !== undefined && text !== '' ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text;
}
