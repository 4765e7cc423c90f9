#!/usr/bin/env node
import { createRequire } from 'node:module';
import { currentBundle } from './launcher/current-bundle.js';

const bundle = currentBundle(new URL('..', import.meta.url));
if (bundle === undefined) {
  const { keepCompiledCode } = await import('./base/compile-cache.js');
  keepCompiledCode(process.env);
  const { runProgram } = await import('./program.js');
  await runProgram();
} else {
  createRequire(import.meta.url)(bundle);
}
