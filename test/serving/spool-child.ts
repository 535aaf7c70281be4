/** A server with a spool, to be killed in the middle of its work. Prints its address; its folder is the first argument. */
import { createSpool } from '@pawl/serving';
import { toLogisticOnnx } from './onnx-file.ts';
import { arm, routeTo, silent, startStand } from './stand.ts';

const stand = await startStand({
  packages: { 1: { onnx: toLogisticOnnx({ a: 1 }, 0) } },
  routes: [routeTo(arm('stable', 1))],
  log: createSpool({ folder: process.argv[2] ?? '', segmentBytes: 20_000, logger: silent }),
});
await stand.ready();
console.log(stand.url);
