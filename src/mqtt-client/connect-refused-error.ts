/** The broker answered a CONNECT with a CONNACK other than success, or hung up without one. */
export class ConnectRefusedError extends Error {
  /** Reason code of the CONNACK, or return code in 3.1.1; undefined where none came. */
  readonly code: number | undefined;

  /** The broker hung up without a word, as it does on a version that it cannot read. Silence is none. */
  readonly isHangUp: boolean;

  constructor(message: string, code: number | undefined, isHangUp = false) {
    super(message);
    this.code = code;
    this.isHangUp = isHangUp;
  }

  /** The broker takes no retained messages, our will among them. */
  get isRetainRefused(): boolean {
    return this.code === 0x9a;
  }

  /** The broker takes no will of that QoS. */
  get isQosRefused(): boolean {
    return this.code === 0x9b;
  }

  /** Wrong user name or password, or not authorized: 3.1.1's codes, and those of 5. */
  get isAccessRefused(): boolean {
    return this.code !== undefined && [4, 5, 0x86, 0x87].includes(this.code);
  }

  /** The broker takes no client of that id: 3.1.1's code, and that of 5. */
  get isIdRefused(): boolean {
    return this.code === 2 || this.code === 0x85;
  }

  /** 1 is 3.1.1's code for it, which 3.1.1 brokers also answer to a version 5 CONNECT; 0x84 is 5's. */
  get isVersionRefused(): boolean {
    return this.code === 1 || this.code === 0x84;
  }
}
