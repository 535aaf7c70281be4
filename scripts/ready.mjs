// `node scripts/ready.mjs <script> [args…]`: installs what is missing, then runs the script under the Node that npm brought.
// Plain JavaScript for Node 20 and later. It starts the second program itself because a shell remembers where it found `node`:
// in `node a && node b` the second would still be the old one.
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { become, findNode, isNewEnough, TOO_OLD } from '../packages/app/bin/runtime.mjs';
import { ensureInstalled } from './install.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const [script, ...args] = process.argv.slice(2);
if (script === undefined) {
  console.error('Usage: node scripts/ready.mjs <script> [arguments]');
  process.exit(2);
}

if (!ensureInstalled(root)) process.exit(1);
const node = findNode(import.meta.url) ?? (isNewEnough() ? process.execPath : undefined);
if (node === undefined) {
  console.error(TOO_OLD);
  process.exit(1);
}
const bin = resolve(root, 'node_modules', '.bin');
const path = (process.env.PATH ?? '').split(':').filter((folder) => folder !== bin);
become(node, [resolve(root, script), ...args], { ...process.env, PATH: [bin, ...path].join(':') });
