#!/usr/bin/env node
// Plain JavaScript: it must load on an old Node, to hand over to a new one or to say what to do.
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import { become, findNode, isNewEnough, TOO_OLD } from './runtime.mjs';

if (isNewEnough()) {
  // Before the first typed file: what was compiled and stripped once is not done again, and the stripper is not even loaded (30 MB).
  module.enableCompileCache(fileURLToPath(new URL('../.cache', import.meta.url)));
  await import('../src/cli/main.ts');
} else {
  const node = findNode(import.meta.url);
  if (node === undefined) {
    console.error(TOO_OLD);
    process.exitCode = 1;
  } else {
    become(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)]);
  }
}
