import type { Blobs, CodeInspector, CodeVersion } from '@pawl/core';

/** The code in a folder as a run records it: the uncommitted difference becomes a blob. Null without version control. */
export async function toCodeVersion(
  ports: { readonly blobs: Blobs; readonly code: CodeInspector },
  root: string,
): Promise<CodeVersion | null> {
  const state = await ports.code.inspect(root);
  if (state === null) return null;
  const patch = state.patch === null ? null : (await ports.blobs.put(new TextEncoder().encode(state.patch))).digest;
  return { commit: state.commit, branch: state.branch, patch };
}
