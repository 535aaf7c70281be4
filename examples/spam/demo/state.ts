/** How far the replay has come: a line a mail in `<home>/replay.log`. A line is written once its answer is there, so a killed demo goes on with the next mail. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Answered {
  /** Position of the mail in the replay. */
  readonly index: number;
  readonly predictionId: string;
  readonly predicted: boolean;
}

export interface Journal {
  /** What a run before this one has answered, in order. */
  readonly answered: readonly Answered[];
  add(answer: Answered): void;
  /** Marks the story as told to its end. */
  finish(): void;
}

/** Opens the journal of a home. A home whose story was told to its end, or whose first line never came, starts anew. */
export function openJournal(home: string): Journal {
  const log = join(home, 'replay.log');
  const done = join(home, 'replay.done');
  if (existsSync(done)) rmSync(home, { recursive: true });
  mkdirSync(dirname(log), { recursive: true });
  const answered = existsSync(log) ? readAnswers(readFileSync(log, 'utf8')) : [];
  return {
    answered,
    add: ({ index, predictionId, predicted }) => appendFileSync(log, `${index} ${predictionId} ${predicted ? 1 : 0}\n`),
    finish: () => writeFileSync(done, ''),
  };
}

/** A torn last line belongs to an answer that was never acknowledged: that mail is sent again. */
function readAnswers(text: string): Answered[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [index = '', predictionId = '', predicted] = line.split(' ');
      return { index: Number(index), predictionId, predicted: predicted === '1' };
    });
}
