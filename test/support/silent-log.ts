import type { Log } from '#src/base/log.js';

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
