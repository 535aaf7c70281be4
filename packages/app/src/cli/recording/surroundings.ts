import { createHash } from 'node:crypto';
import { toCanonicalJson, toEnvironmentFields } from '@pawl/core';
import type { CodeState, CodeVersion, Digest, EnvironmentInspector } from '@pawl/core';
import type { Outbox, OutboxBlob } from './outbox.ts';

type Facts = Parameters<Outbox['tell']>[0];

export interface Told {
  readonly facts: Facts;
  readonly blobs: readonly OutboxBlob[];
}

/** The code as a report tells it; the uncommitted difference is content of its own. */
export function tellCode(state: CodeState): Told & { readonly code: CodeVersion } {
  const patch = state.patch === null ? null : toBlob(new TextEncoder().encode(state.patch));
  const code: CodeVersion = { commit: state.commit, branch: state.branch, patch: patch?.digest ?? null };
  return { code, facts: { code }, blobs: patch === null ? [] : [patch] };
}

/** The environment as a report tells it: in a few words, and whole as files of the run. The lock alone has a digest, so that runs on other machines compare. */
export function tellEnvironment(found: Awaited<ReturnType<EnvironmentInspector['inspect']>>): Told {
  const lock = toBlob(new TextEncoder().encode(`${toCanonicalJson(found.lock)}\n`));
  const machine = toBlob(new TextEncoder().encode(`${toCanonicalJson(found.machine)}\n`));
  const files = found.files.map(({ path, bytes }) => ({ path, ...toBlob(bytes) }));
  const all = [{ path: 'lock.json', ...lock }, { path: 'machine.json', ...machine }, ...files];
  return {
    facts: {
      environment: toEnvironmentFields(found, lock.digest),
      artifacts: all.map(({ path, digest, bytes }) => ({ path: `environment/${path}`, digest, size: bytes.length })),
    },
    blobs: all,
  };
}

function toBlob(bytes: Uint8Array): OutboxBlob & { readonly digest: Digest } {
  return { digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, bytes };
}
