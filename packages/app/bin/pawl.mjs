#!/usr/bin/env node
// Plain JavaScript: it must load on an old Node, to hand over to a new one or to say what to do.
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import { become, findNode, isNewEnough, SERVER_FLAGS, TOO_OLD } from './runtime.mjs';

const args = process.argv.slice(2);
const program = fileURLToPath(import.meta.url);
const flags = args.includes('server') ? SERVER_FLAGS : [];
const flagged = flags.every((flag) => process.execArgv.includes(flag));

if (!isNewEnough()) {
  const node = findNode(import.meta.url);
  if (node === undefined) {
    console.error(TOO_OLD);
    process.exitCode = 1;
  } else {
    become(node, [...flags, program, ...args]);
  }
} else if (!flagged && process.platform !== 'win32') {
  // The same process, started over: its number, streams and folder stay.
  process.execve(process.execPath, [process.execPath, ...process.execArgv, ...flags, program, ...args]);
} else {
  // Before the first typed file: what was compiled and stripped once is not done again, and the stripper is not even loaded (30 MB).
  module.enableCompileCache(fileURLToPath(new URL('../.cache', import.meta.url)));
  await import('../src/cli/main.ts');
}
