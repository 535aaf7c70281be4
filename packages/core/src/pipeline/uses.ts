/** A function of a project: where it is defined, and its name. */
export interface FunctionName {
  readonly language: 'python' | 'node';
  /** Below the project. */
  readonly file: string;
  readonly name: string;
}

const USES = /^(?<file>[^:]+\.(?<kind>py|ts|mts|js|mjs)):(?<name>[A-Za-z_$][\w$]*)$/;

/** `src/train.py:train` or `src/train.ts:train`; undefined when it is neither, or leaves the project. */
export function parseUses(text: string): FunctionName | undefined {
  const { file, kind, name } = USES.exec(text)?.groups ?? {};
  if (file === undefined || name === undefined) return undefined;
  if (file.startsWith('/') || file.includes('\\') || file.split('/').includes('..')) return undefined;
  return { language: kind === 'py' ? 'python' : 'node', file, name };
}
