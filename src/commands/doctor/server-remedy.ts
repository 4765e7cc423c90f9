/** The options of a broker or a server: the one with its address, and the section of the others. */
export interface ServerOptions {
  readonly address: string;
  readonly section: string;
}

/** Each failure of a connection, as the system's text tells it, with what to do. */
const remedies: readonly (readonly [RegExp, (what: string, options: ServerOptions) => string])[] = [
  [
    /CERT_HAS_EXPIRED/,
    (what) => `renew the certificate of the ${what}, or set the clock of this machine`,
  ],
  [/CERT_NOT_YET_VALID/, () => 'set the clock of this machine: sudo timedatectl set-ntp true'],
  [
    /SELF_SIGNED|UNABLE_TO_|CERT_SIGNATURE/,
    (what, { section }) =>
      `name the file of the authority that signed the certificate of the ${what} in ${section}.ca`,
  ],
  [
    /ALTNAME/,
    (what, { address }) => `name the host in ${address} as the certificate of the ${what} does`,
  ],
  [
    /hung up during the TLS handshake|WRONG_VERSION/,
    (_, { address }) => `let ${address} name the port for TLS, or begin with mqtt://`,
  ],
  [
    /mqtt\.cert/,
    (_, { section }) =>
      `name a certificate that the broker takes, and its key, in ${section}.cert and ${section}.key`,
  ],
  [
    /does not let us in|look at sensor\.mqtt\.username/,
    (_, { section }) =>
      `set ${section}.username and ${section}.passwordFile to those that the broker knows`,
  ],
  [
    /ECONNREFUSED/,
    (what, { address }) => `start the ${what}, or correct host and port in ${address}`,
  ],
  [
    /ENOTFOUND|EAI_AGAIN/,
    (_, { address }) =>
      `correct the host in ${address}, or see to it that this machine reaches a name server`,
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
 */
export function serverRemedy(message: string, what: string, options: ServerOptions): string {
  const [, remedy] = remedies.find(([failure]) => failure.test(message)) ?? [];
  return remedy?.(what, options) ?? `is ${options.address} the address of the ${what}?`;
}
