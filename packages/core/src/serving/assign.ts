import type { Assignment, EndpointRoute } from './types.ts';

/** 53-bit hash of a string, uniform enough to split traffic (cyrb53, public domain). Same text, same number, on every machine. */
export function hash53(text: string): number {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
}

/**
 * Which arm answers. With a sticky key: by hash(rollout, key) < weight, so one's arm changes only when the weight passes it and a new rollout draws
 * new users; without: by `draw`, uniform in [0, 1). The route needs at least one arm.
 */
export function assignArm(route: EndpointRoute, key: string | undefined, draw: number): Assignment {
  const candidate = route.arms.find((arm) => arm.name === 'candidate');
  const stable = route.arms.find((arm) => arm.name === 'stable');
  const fallback = stable ?? candidate;
  if (fallback === undefined) throw new RangeError(`endpoint ${route.endpoint} has no arm`);
  if (route.rollout === null || candidate === undefined) return { arm: fallback, candidateWeight: null, keyHash: null };
  const hash = key === undefined ? undefined : hash53(`${route.rollout}\n${key}`);
  const position = hash === undefined ? draw : hash / 2 ** 53;
  return {
    arm: position < candidate.weight ? candidate : fallback,
    candidateWeight: candidate.weight,
    keyHash: hash === undefined ? null : hash.toString(16).padStart(14, '0'),
  };
}
