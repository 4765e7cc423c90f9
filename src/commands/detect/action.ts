import { ExitCode } from '../../base/errors.js';
import { printableText } from '../../base/printable-text.js';
import { confidenceText } from '../../detection/finding.js';
import { sensorSection, yamlLines } from '../../detection/sensor-yaml.js';
import { choosePort } from './detected-port.js';
import { detectAt, likelyFormat, type DetectedFormat, type Detection } from './detection.js';
import { pollAt } from './modbus-poll.js';
import { detectionText } from './report-text.js';

export interface DetectOptions {
  readonly baud?: readonly number[];
  readonly poll?: 'modbus';
  readonly json?: boolean;
}

/**
 * Prints what a port sends; the exit code is 1 when nothing is at least likely.
 *
 * @param named a port; without it the only one there is
 * @throws LstmdError `sensor.link`, `usage.invalid` with the way out
 */
export async function detect(named: string | undefined, options: DetectOptions): Promise<void> {
  const port = await choosePort(named);
  if (options.poll === undefined) {
    tell(`listening at ${port}, up to 10 s`);
  }
  const detection =
    options.poll === undefined
      ? await detectAt(port, options.baud)
      : await pollAt(port, options.baud, tell);
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify(jsonOf(detection), null, 2)}\n`
      : printableText(`${detectionText(detection)}\n`),
  );
  if (likelyFormat(detection) === undefined) {
    process.exitCode = ExitCode.failure;
  }
}

function tell(text: string): void {
  process.stderr.write(printableText(`lstmd: ${text}\n`));
}

function jsonOf(detection: Detection): object {
  const { port, formats, heard } = detection;
  return {
    port,
    found: likelyFormat(detection) !== undefined,
    formats: formats.map((format) => formatJson(format, port)),
    heard,
  };
}

function formatJson(format: DetectedFormat, port: string): object {
  const sensor = sensorSection(format, port, format.baudRate);
  return {
    ...format,
    verdict: confidenceText(format.confidence),
    sensor,
    yaml: ['sensor:', ...yamlLines(sensor, '  ')].join('\n'),
  };
}
