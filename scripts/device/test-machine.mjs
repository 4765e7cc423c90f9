/**
 * Shows in a booted Debian 13 that the directives of the unit are in force and are borne, together and one by one: DeviceAllow= and
 * IPAddressDeny= by what they forbid, the drop-in of `lstmd init`, a start on a tenth of a core.
 *
 *   npm run package:deb && sudo node scripts/device/test-machine.mjs
 *
 * It needs root, debootstrap and systemd-container, and works in build/roots.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  addScript,
  bareRoot,
  boot,
  copyPackages,
  install,
  report,
  scriptText,
  suites,
} from './roots.mjs';

const suite = 'trixie';
const beside = ['mosquitto', 'mosquitto-clients', 'iproute2'];

const folder = bareRoot(suite, 'machine');
install(folder, [...copyPackages(folder, suites[suite]), ...beside]);
addScript(folder, scriptText('check-machine.sh'));
boot(folder);
const log = readFileSync(join(folder, 'root/check.log'), 'utf8');
process.exitCode = report('the unit, directive by directive', log, 'ok the end') ? 0 : 1;
