export * from './dataset/service.ts';
export * from './reactor/loop.ts';
export * from './reactor/reactor.ts';
