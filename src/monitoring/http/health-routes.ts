import type { HealthSources } from '../../agent/device-health.js';
import { answerText, type Route } from './route.js';

/** Something that a healthy device does, and whether it does it now. */
interface Check {
  readonly name: string;
  readonly ok: boolean;
}

const json = 'application/json; charset=utf-8';

/**
 * `/healthz`: that the process works. It answers from the loop in which samples are stepped, so an answer is the proof. Absent
 * sensors and brokers are waited for and are no fault of the process: a restart would mend neither.
 */
export function healthRoute(sources: () => HealthSources | undefined): Route {
  return {
    method: 'GET',
    needsToken: false,
    answer: (_, response) => {
      const streams = sources()?.streams.length ?? 0;
      const body = { status: 'ok', uptimeSeconds: Math.round(process.uptime()), streams };
      answerText(response, 200, `${JSON.stringify(body)}\n`, json);
    },
  };
}

/** `/readyz`: that the device does its work now: 503 while a sensor, the broker or the flash is missing, with each by its name. */
export function readyRoute(sources: () => HealthSources | undefined): Route {
  return {
    method: 'GET',
    needsToken: true,
    answer: (_, response) => {
      const checks = checksOf(sources());
      const failing = checks.filter(({ ok }) => !ok).map(({ name }) => name);
      const status = failing.length === 0 ? 'ok' : 'failing';
      answerText(
        response,
        failing.length === 0 ? 200 : 503,
        `${JSON.stringify({ status, failing, checks: checks.length })}\n`,
        json,
      );
    },
  };
}

function checksOf(sources: HealthSources | undefined): Check[] {
  if (sources === undefined) {
    return [{ name: 'start', ok: false }];
  }
  const { streams, publisher } = sources;
  return [
    { name: 'broker', ok: publisher.stats.connected },
    ...streams.flatMap(({ name, health }) => [
      { name: `${name}: sensor`, ok: health.connected && health.steps.steps > 0 },
      { name: `${name}: state`, ok: health.state.failing === 0 },
    ]),
  ];
}
