#!/usr/bin/env node
import { keepCompiledCode } from './base/compile-cache.js';
import { runProgram } from './program.js';

keepCompiledCode(process.env);
await runProgram();
