import { EmbeddedBroker } from '#src/commands/demo/embedded-broker.js';

// The embedded broker in a process of its own, so that it takes no time from the process that
// measures. It tells its port, and ends with its parent.
process.on('disconnect', () => process.exit());
const broker = await EmbeddedBroker.start(0);
process.send?.(broker.url);
