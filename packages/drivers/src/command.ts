/** What records a command, without the stores: a program that runs another must be ready before it, and small beside it. */
export { createIds } from './clock/ids.ts';
export { createSystemClock, createSystemRandom } from './clock/system.ts';
export { createEnvironmentInspector } from './environment/inspector.ts';
export { createGitInspector } from './git/inspector.ts';
export { createLineSplitter } from './process/lines.ts';
export { createMachine } from './process/machine.ts';
export { createSampler } from './process/sampler.ts';
