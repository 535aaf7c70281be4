export * from './dataset/service.ts';
export * from './reactor/loop.ts';
export * from './reactor/reactor.ts';
export * from './check/service.ts';
export * from './feature/service.ts';
export * from './gate/reactor.ts';
export * from './gate/service.ts';
export * from './model/service.ts';
