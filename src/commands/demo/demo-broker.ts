/** The broker that the demo publishes to. */
export interface DemoBroker {
  /** `mqtt://host[:port]` */
  readonly url: string;
  /** Ends a broker that was started for the demo. */
  stop(): Promise<void>;
}
