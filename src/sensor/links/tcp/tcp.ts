import { defineLink } from '../definition.js';
import { silenceOptions } from '../reconnecting/options.js';
import { ReconnectingLink } from '../reconnecting/reconnecting-link.js';
import { tcpAddress, tcpAddressFault } from './address.js';
import { connect } from './connect.js';

/** The bytes of a TCP connection, such as ser2net serves them in its mode raw. */
export const tcp = defineLink({
  name: 'tcp://host:port',
  schemes: ['tcp'],
  options: silenceOptions,
  fault: tcpAddressFault,
  create: ({ link, rateHz, silenceMs }) =>
    new ReconnectingLink({
      name: link,
      rateHz,
      silenceMs,
      open: (signal) => connect(tcpAddress(link) ?? { host: link, port: 0 }, signal),
    }),
});
