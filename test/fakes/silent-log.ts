import type { Log } from '../../src/observe/log.js';

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
