export { createSimulatedClock } from '@pawl/drivers';
export type { SimulatedClock } from '@pawl/drivers';
export { compose } from './compose.ts';
export type { Overrides, Pawl } from './compose.ts';
export { loadConfig } from './config/load.ts';
export type { Config } from './config/schema.ts';
export { loadProject } from './project/load.ts';
export type { ProjectFiles } from './project/load.ts';
