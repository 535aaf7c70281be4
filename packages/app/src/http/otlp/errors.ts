import { isFault } from '@pawl/core';

/** Status and message of what is refused or failed in a known way. Exporters send again on 429, 502, 503 and 504 only. */
export function toAnswer(error: unknown): { readonly status: number; readonly message: string } | undefined {
  if (isFault(error)) {
    if (error.kind === 'operational') return { status: 503, message: error.message };
    if (error.kind === 'bug') return undefined;
    if (error.code === 'spans_too_large') return { status: 413, message: error.message };
    return { status: error.code.endsWith('not_found') ? 404 : 400, message: error.message };
  }
  const { statusCode, message } = error as { statusCode?: unknown; message?: unknown };
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500
    ? { status: statusCode, message: String(message) }
    : undefined;
}
