import type { Database, LogLine, Task, TaskLogLine } from '@pawl/core';

const MAX_LINES = 10_000;
const MAX_CHARACTERS = 1_000_000;
/** Of a step that writes more: how it ended is what people look for. */
const TAIL_LINES = 1000;
const TAIL_CHARACTERS = 100_000;
/** Room for the lines of one claim, so that those of a later one always follow. */
const SEQ_PER_CLAIM = 1_000_000;

/** Hiding every letter of a log would tell more than it hides. */
const SHORTEST_SECRET = 3;

function mask(text: string, secrets: readonly string[]): string {
  return secrets.reduce((masked, secret) => masked.replaceAll(secret, '***'), text);
}

/** Lines of one attempt on their way to the store: gathered, bounded, and refused there once the task is another's. */
export class LogBuffer {
  readonly #database: Database;
  readonly #task: Task;
  #waiting: TaskLogLine[] = [];
  #lines = 0;
  #characters = 0;
  #full = false;
  #tail: LogLine[] = [];
  #tailCharacters = 0;
  #droppedLines = 0;
  #droppedCharacters = 0;
  #lastError = '';
  #flushing: Promise<void> = Promise.resolve();
  #secrets: readonly string[] = [];

  constructor(database: Database, task: Task) {
    this.#database = database;
    this.#task = task;
  }

  /** The last line on stderr that says something, for the message of a failure. */
  get lastError(): string {
    return this.#lastError;
  }

  /** From now on these texts are not shown in any line. */
  conceal(secrets: readonly string[]): void {
    // A longer one first: it may hold a shorter one. Lines of a secret are told one by one.
    const parts = secrets.flatMap((secret) => [secret, ...secret.split('\n')]).filter((part) => part.trim().length >= SHORTEST_SECRET);
    this.#secrets = [...new Set(parts)].toSorted((a, b) => b.length - a.length);
  }

  add(raw: LogLine): void {
    const line = this.#secrets.length === 0 ? raw : { ...raw, text: mask(raw.text, this.#secrets) };
    if (line.stream === 'stderr' && line.text.trim() !== '') this.#lastError = line.text.trim();
    if (this.#full) return this.#hold(line);
    if (this.#lines === MAX_LINES || this.#characters + line.text.length > MAX_CHARACTERS) {
      this.#full = true;
      return this.#hold(line);
    }
    this.#characters += line.text.length;
    this.#push(line);
  }

  /** Stores all that is left, once no line will follow. */
  end(): Promise<void> {
    const [first] = this.#tail;
    if (first !== undefined && this.#droppedLines > 0) {
      const dropped = `${this.#droppedLines} lines with ${this.#droppedCharacters} characters`;
      const text = `[${dropped} are not kept here: the step wrote more than ${MAX_LINES} lines or ${MAX_CHARACTERS} characters]`;
      this.#push({ time: first.time, stream: 'stderr', text });
    }
    for (const line of this.#tail) this.#push(line);
    this.#tail = [];
    return this.flush();
  }

  /** Stores what is waiting; flushes follow each other. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.catch(() => undefined).then(() => this.#store());
    return this.#flushing;
  }

  /** Keeps a line among the last ones. */
  #hold(line: LogLine): void {
    this.#tail.push(line);
    this.#tailCharacters += line.text.length;
    while (this.#tail.length > TAIL_LINES || this.#tailCharacters > TAIL_CHARACTERS) {
      const { length } = this.#tail.shift()?.text ?? '';
      this.#tailCharacters -= length;
      this.#droppedLines += 1;
      this.#droppedCharacters += length;
    }
  }

  #push({ time, stream, text }: LogLine): void {
    this.#lines += 1;
    const { id: task, attempt, fence } = this.#task;
    this.#waiting.push({ task, attempt, seq: fence * SEQ_PER_CLAIM + this.#lines, time, stream, text });
  }

  async #store(): Promise<void> {
    const lines = [...this.#waiting];
    if (lines.length === 0) return;
    await this.#database.transaction(async (tx) => {
      const stored = await tx.tasks.get(this.#task.id);
      if (stored?.fence === this.#task.fence) await tx.tasks.appendLogs(lines);
    });
    this.#waiting = this.#waiting.slice(lines.length);
  }
}
