import type { BrokerAddress } from '../../mqtt-client/broker-address.js';
import type { ConnectRefusedError } from '../../mqtt-client/connect-refused-error.js';

/** Returns a hint at what to look at after a refusal. */
export function refusalHint(refusal: ConnectRefusedError, { tls }: BrokerAddress): string {
  if (refusal.isAccessRefused) {
    return ": look at mqtt.username and passwordFile, and at what the broker's access list says of this client id";
  }
  if (refusal.isIdRefused) {
    return ': the broker does not take this client id, perhaps because another client uses it: give each device its own name, or set mqtt.clientId';
  }
  return refusal.isHangUp && !tls
    ? ' without an answer: if this port is for TLS, mqtt.url must begin with mqtts:// or wss://'
    : '';
}
