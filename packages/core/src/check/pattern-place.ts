/** Where a pattern that is no regular expression goes wrong: engines say only what. The last group that stays open when nothing else is found. */
export function placeOfFault(source: string): number {
  const open: number[] = [];
  let isRepeatable = false;
  for (let at = 0; at < source.length;) {
    const rest = source.slice(at);
    const piece = /^(?:\\(?:[pP]\{[^}]*\}|[^])|\[(?:\\[^]|[^\]\\])*\]|\(\?(?:P?<\w+>|:)|\{\d+(?:,\d*)?\}|[^])/.exec(rest)?.[0] ?? rest;
    const [first = ''] = piece;
    if (first === '(') open.push(at);
    else if (first === ')' && open.pop() === undefined) return at;
    else if (first === '[' && !isSet(piece)) return at;
    else if ('*+?'.includes(first) || (first === '{' && piece.length > 1)) {
      if (!isRepeatable || isReversed(piece)) return at;
      at += source[at + piece.length] === '?' ? 1 : 0;
    } else if ('{}]'.includes(first)) return at;
    isRepeatable = !'(|^$*+?{'.includes(first);
    at += piece.length;
  }
  return open.at(-1) ?? 0;
}

function isReversed(repeat: string): boolean {
  const [, least, most] = /^\{(\d+),(\d+)\}$/.exec(repeat) ?? [];
  return Number(least) > Number(most);
}

function isSet(text: string): boolean {
  try {
    return new RegExp(text, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}
