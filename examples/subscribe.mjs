// Prints what the devices of a broker say, with what is missing:
//   node node_modules/lstmd/examples/subscribe.mjs mqtt://localhost
import { LstmdError, LstmdSubscription } from 'lstmd/client';

function print(message) {
  switch (message.kind) {
    case 'prediction': {
      const { device, stream, record, isHistory } = message;
      console.log(device, stream, record.seq, isHistory ? 'late' : 'new', record.label ?? '');
      break;
    }
    case 'event':
      console.log(message.device, message.stream, 'event', message.record.state);
      break;
    case 'missing':
      console.log(message.device, message.stream, 'missing', message.count);
      break;
    case 'malformed':
      console.error(message.topic, message.reason);
  }
}

try {
  const subscription = await LstmdSubscription.open(process.argv[2] ?? 'mqtt://localhost');
  for await (const message of subscription) {
    print(message);
  }
} catch (error) {
  if (!(error instanceof LstmdError)) {
    throw error;
  }
  // No broker is there, or it refuses; one that goes later is waited for.
  console.error(error.message);
  process.exitCode = error.exitCode;
}
