import type { z } from 'zod';

/** All issues of a zod error in one line: `steps[2].run: expected string`. */
export function toProblem(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => `${toPath(issue.path)}${issue.message}`)
    .join('; ');
}

function toPath(path: readonly PropertyKey[]): string {
  const text = path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
  return text === '' ? '' : `${text}: `;
}
