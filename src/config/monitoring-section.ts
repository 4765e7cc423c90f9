import { listenAddress } from './listen-address.js';
import { path, timerSeconds, z } from './option-types.js';

/** The `monitoring` section: what the daemon shows to people and to Prometheus. Without it no port is opened. */
export const monitoring = z
  .strictObject({
    listen: z
      .string()
      .refine((text) => listenAddress(text) !== undefined, {
        message: 'must be an address and a port, such as 127.0.0.1:9464 or [::1]:9464',
      })
      .optional()
      .describe(
        'Serve /metrics, /healthz and /readyz at this address; beyond loopback it needs tokenFile',
      ),
    tokenFile: path
      .optional()
      .describe('File with the token that readers show; read anew at each request'),
    hosts: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'Names under which browsers may ask, beside localhost, the host name and plain addresses',
      ),
    dashboard: z.boolean().default(false).describe('Serve the dashboard there too, at /'),
    textfile: path
      .optional()
      .describe(
        "File ending in .prom, for the textfile collector of Prometheus' node_exporter: no port is needed",
      ),
    textfileSeconds: timerSeconds.default(15).describe('Write it this often'),
  })
  .superRefine(({ listen, tokenFile, dashboard, textfile }, context) => {
    const fault = (at: string, message: string) =>
      context.addIssue({ code: 'custom', path: [at], message });
    if (listen === undefined && textfile === undefined) {
      fault('listen', 'is missing, and so is textfile: one of both is needed');
    }
    if (listen === undefined && dashboard) {
      fault('dashboard', 'needs listen, the address at which it is served');
    }
    const isReachable = listen !== undefined && listenAddress(listen)?.isLoopback === false;
    if (isReachable && tokenFile === undefined) {
      fault(
        'tokenFile',
        `is missing: ${listen} can be reached from other machines, and whoever reads must show a token`,
      );
    }
    if (textfile !== undefined && !textfile.endsWith('.prom')) {
      fault('textfile', 'must end in .prom: node_exporter reads no other file');
    }
  })
  .optional()
  .describe('What the daemon shows: metrics for Prometheus, health, and a dashboard');
