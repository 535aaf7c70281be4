export * from './create.ts';
export * from './error.ts';
export * from './pages.ts';
export type { CallOptions, ClientOptions, QueryValue } from './request.ts';
export type { ServerEvent } from './events.ts';
