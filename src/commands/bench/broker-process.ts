import { EmbeddedBroker } from '../demo/embedded-broker.js';

// The embedded broker in a process of its own, so that it takes no time from what is measured;
// tells its port, and ends with its parent.
process.on('disconnect', () => process.exit());
const port = await new EmbeddedBroker().start(0);
process.send?.(port);
