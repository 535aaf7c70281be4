import { MOST_SPANS, fault } from '@pawl/core';
import type { Span, SpanMap, SpanStatus } from '@pawl/core';
import type { SpanBatch } from '@pawl/engine';

/** What a request brings, whichever way it is written. */
export interface Export {
  readonly batches: readonly SpanBatch[];
  /** Why some spans are none. */
  readonly refusals: readonly string[];
}

/** A span as it was read; ids are hex. */
export type ReadSpan = Omit<Span, 'trace' | 'parent'> & { readonly trace: string; readonly parent: string };

/** Gathers spans while a request is read, and stops it early. */
export interface Gathering {
  begin(): void;
  resource(attributes: SpanMap): void;
  span(span: ReadSpan): void;
  done(): Export;
}

export function createGathering(): Gathering {
  const batches: { resource: SpanMap; spans: Span[] }[] = [];
  const refusals: string[] = [];
  let count = 0;
  return {
    begin: () => void batches.push({ resource: new Map(), spans: [] }),
    resource(attributes) {
      const last = batches.at(-1);
      if (last !== undefined) last.resource = attributes;
    },
    span({ trace, parent, ...span }) {
      if (++count > MOST_SPANS) throw fault('spans_too_large', { what: 'spans', limit: MOST_SPANS });
      if (!isId(trace, 32) || !isId(span.id, 16)) {
        refusals.push(`span "${span.name.slice(0, 100)}" was not taken: its trace id or span id is missing or of another length`);
        return;
      }
      batches.at(-1)?.spans.push({ ...span, trace: toTraceId(trace), parent: isId(parent, 16) ? parent : null });
    },
    done: () => ({ batches, refusals }),
  };
}

/** The specification forbids ids of zeros only. */
function isId(hex: string, length: number): boolean {
  return hex.length === length && /^[0-9a-f]*[1-9a-f][0-9a-f]*$/.test(hex);
}

/** MLflow's name for a trace of OpenTelemetry. */
export function toTraceId(hex: string): string {
  return `tr-${hex}`;
}

export function toStatus(code: number): SpanStatus {
  return code === 2 ? 'error' : code === 1 ? 'ok' : 'unset';
}

/** What no text column holds becomes U+FFFD: one odd character must not cost a trace. */
export function storable(text: string): string {
  const formed = text.isWellFormed() ? text : text.toWellFormed();
  return formed.includes('\u0000') ? formed.replaceAll('\u0000', '\uFFFD') : formed;
}

export function tooDeep(): Error {
  return fault('spans_unreadable', { problem: 'an attribute is nested too deep.' });
}
