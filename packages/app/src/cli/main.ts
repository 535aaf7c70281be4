import { enableCompileCache } from 'node:module';

// Commands run many times, also inside steps: what was parsed once is kept for the next process.
enableCompileCache();
const { run } = await import('./program.ts');
await run(process.argv.slice(2));
