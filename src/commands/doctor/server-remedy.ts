/** Each failure of a connection, as the system's text tells it, with what to do. */
const remedies: readonly (readonly [RegExp, (what: string, option: string) => string])[] = [
  [
    /CERT_HAS_EXPIRED/,
    (what) => `renew the certificate of the ${what}, or set the clock of this machine`,
  ],
  [/CERT_NOT_YET_VALID/, () => 'set the clock of this machine: sudo timedatectl set-ntp true'],
  [
    /SELF_SIGNED|UNABLE_TO_|CERT_SIGNATURE/,
    (what) =>
      `name the file of the authority that signed the certificate of the ${what} in mqtt.ca`,
  ],
  [
    /ALTNAME/,
    (what, option) => `name the host in ${option} as the certificate of the ${what} does`,
  ],
  [
    /hung up during the TLS handshake|WRONG_VERSION/,
    (_, option) => `let ${option} name the port for TLS, or begin with mqtt://`,
  ],
  [
    /mqtt\.cert/,
    () => 'name a certificate that the broker takes, and its key, in mqtt.cert and mqtt.key',
  ],
  [
    /does not let us in/,
    () => 'set mqtt.username and mqtt.passwordFile to those that the broker knows',
  ],
  [/ECONNREFUSED/, (what, option) => `start the ${what}, or correct host and port in ${option}`],
  [
    /ENOTFOUND|EAI_AGAIN/,
    (_, option) =>
      `correct the host in ${option}, or see to it that this machine reaches a name server`,
  ],
  [
    /ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|timed out|timeout/i,
    (what) => `is the ${what} on, and do firewalls and IPAddressAllow= of the unit let it through?`,
  ],
  [/EPERM|EACCES/, () => 'let the connection through: a firewall, or IPAddressAllow= of the unit'],
];

/**
 * Returns what to do about a connection that was not to be had.
 *
 * @param what is at its other end, such as `broker`
 * @param option the one that holds the address
 */
export function serverRemedy(message: string, what: string, option: string): string {
  const [, remedy] = remedies.find(([failure]) => failure.test(message)) ?? [];
  return remedy?.(what, option) ?? `is ${option} the address of the ${what}?`;
}
