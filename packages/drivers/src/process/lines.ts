import { StringDecoder } from 'node:string_decoder';

const MAX_LINE = 64 * 1024;
const MARK = ' … [line cut]';

export interface LineSplitter {
  push(chunk: Buffer): void;
  /** What stands after the last line break is a line too. */
  end(): void;
}

/**
 * Splits output into lines at LF or CRLF, also when a character or a break comes in two pieces. A line over 64 Ki characters is given cut, with a mark, and the rest of it dropped,
 * so that output without line breaks cannot fill the memory. Of a line that rewrites itself with CR, as progress bars do, the last state counts.
 */
export function createLineSplitter(onLine: (text: string) => void): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let held = '';
  let dropping = false;

  function take(text: string): void {
    let from = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      hold(text.slice(from, at));
      flush();
      from = at + 1;
    }
    hold(text.slice(from));
  }

  function hold(text: string): void {
    if (dropping) return;
    held += text;
    if (held.length <= MAX_LINE) return;
    // A pair of surrogates is not cut in half.
    const end = /[\uD800-\uDBFF]/.test(held[MAX_LINE - 1] ?? '') ? MAX_LINE - 1 : MAX_LINE;
    held = held.slice(0, end) + MARK;
    dropping = true;
  }

  function flush(): void {
    const line = held.endsWith('\r') ? held.slice(0, -1) : held;
    held = '';
    dropping = false;
    onLine(line.slice(line.lastIndexOf('\r') + 1));
  }

  return {
    push: (chunk) => take(decoder.write(chunk)),
    end: () => {
      take(decoder.end());
      if (held !== '') flush();
    },
  };
}
