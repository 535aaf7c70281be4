import { isProductionAlias } from './rules.ts';
import type { ModelStage } from './types.ts';

/** Who lets a version into a stage. */
export interface ApprovalRule {
  /** Actors as they are recorded (`user:ann`); `*` stands for any characters. */
  readonly approvers: readonly string[];
  /** Whether somebody else than the requester must approve. */
  readonly fourEyes: boolean;
  /** A request that nobody has decided on by then is over. */
  readonly expiresMs: number;
}

/** What a project's files say of how versions of a model move. */
export interface ModelPolicy {
  readonly model: string;
  /** Stages that a version enters only when an approver grants it. */
  readonly approvals: Readonly<Partial<Record<ModelStage, ApprovalRule>>>;
  /** Aliases, in any case and with `*`, that mean what is in Production: they are guarded as the stage is. */
  readonly aliases: readonly string[];
  /** Who may let a version into Production although its gate has not said PASS. */
  readonly force: readonly string[];
  /** Versions in Production at once. */
  readonly mostInProduction: number;
}

/** Whether a name fits one of the patterns, in which `*` stands for any characters. */
export function fitsAny(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => {
    const [first = '', ...rest] = pattern.split('*');
    const last = rest.pop();
    if (last === undefined) return name === first;
    if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
    let at = first.length;
    for (const part of rest) {
      const found = name.indexOf(part, at);
      if (found === -1) return false;
      at = found + part.length;
    }
    return at <= name.length - last.length;
  });
}

/** Whether an alias is guarded as the stage Production is. */
export function standsForProduction(policy: ModelPolicy | undefined, alias: string): boolean {
  if (policy === undefined) return isProductionAlias(alias);
  return fitsAny(
    policy.aliases.map((one) => one.toLowerCase()),
    alias.toLowerCase(),
  );
}

/** Whether somebody may overrule the gate; anybody, where no policy says who. */
export function mayForce(policy: ModelPolicy | undefined, actor: string): boolean {
  return policy === undefined || fitsAny(policy.force, actor);
}
