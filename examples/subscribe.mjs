// Prints what the devices of a broker say, with what is missing:
//   node examples/subscribe.mjs mqtt://localhost
import { LstmdSubscription } from 'lstmd/client';

const subscription = await LstmdSubscription.open(process.argv[2] ?? 'mqtt://localhost');
for await (const message of subscription) {
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
