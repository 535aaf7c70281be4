// Plain JavaScript: what was compiled and stripped once is not done again, but each thread has to ask for that by itself, before its first typed file.
import module from 'node:module';
import { workerData } from 'node:worker_threads';

if (workerData.compiled !== undefined) module.enableCompileCache(workerData.compiled);
await import('./thread.ts');
