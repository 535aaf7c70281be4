/** In a process of its own: runs one fan-out to its end and prints what it held at most, MB. `node wide.ts ELEMENTS` */
import { argv, resourceUsage, stdout } from 'node:process';
import { openStand } from './engine.ts';

const elements = Number(argv[2]);
const stand = await openStand();
const run = await stand.fanOut(elements);
while (await stand.step());
const { state } = await stand.pipelines.run(run);
const kept = await stand.pipelines.elements(run, 'work', -1, elements);
if (state !== 'succeeded' || kept.length !== elements) throw new Error(`the run is ${state}, with ${kept.length} elements`);
await stand.close();
stdout.write(`${resourceUsage().maxRSS / 1024}\n`);
