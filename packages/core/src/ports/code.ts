/** What the code of a project is at this moment. */
export interface CodeState {
  /** Full id of the commit checked out. */
  readonly commit: string;
  /** Null when no branch is checked out. */
  readonly branch: string | null;
  /** The uncommitted difference (new files included) as a patch that `git apply` takes; null when there is none. */
  readonly patch: string | null;
}

/** Tells which code a project's folder holds. Null where there is no version control or no commit yet. */
export interface CodeInspector {
  inspect(root: string): Promise<CodeState | null>;
}
