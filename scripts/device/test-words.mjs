/**
 * Follows docs/getting-started.md word by word, on a bare Debian 13 and on a bare Debian 12 that has nothing at all: runs the commands of
 * its blocks in their order in a root that is booted, to a prediction in mosquitto_sub, and prints how long each took.
 *
 *   npm run package:deb && sudo node scripts/device/test-words.mjs [--suite trixie]
 *
 * The simulated sensor of the page takes the place of the Arduino, and /run/sim/tty that of /dev/ttyUSB0. What is for another machine
 * (a broker elsewhere, a network of one's own) is left out by its section.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readArguments } from '../arguments.mjs';
import {
  addScript,
  bareRoot,
  boot,
  copyPackages,
  report,
  root,
  scriptText,
  suites,
} from './roots.mjs';

const page = readFileSync(join(root, 'docs/getting-started.md'), 'utf8');

/** The commands of the sections that are followed; of the two installations, the one for this suite. */
function commandsFor(suite) {
  const sections = page.split(/^## /m).filter((section) => /^[2-6] /.test(section));
  const blocks = sections.flatMap((section) =>
    [...section.matchAll(/^```sh\n([^]*?)^```/gm)].map(([, block]) => block.trim()),
  );
  const isOther = (command) =>
    command.includes('apt-get install') &&
    command.includes('lstmd-node') !== (suite === 'bookworm');
  return blocks
    .flatMap((block) => block.split('\n'))
    .filter((command) => !isOther(command))
    .map((command) =>
      command
        .replace(/^sudo /, '')
        .replaceAll('/dev/ttyUSB0', '/run/sim/tty')
        .replaceAll('/tmp/sensor', '/run/sim/tty'),
    );
}

function wordsScript(suite) {
  const steps = commandsFor(suite).map((command) => {
    const quoted = `'${command.replaceAll("'", String.raw`'\''`)}'`;
    return command.startsWith('lstmd simulate') ? 'start_sensor' : `step ${quoted}`;
  });
  return `${scriptText('check-words.sh')}\n${steps.join('\n')}\nend\n`;
}

const names = Object.keys(suites);
const help = `sudo node scripts/device/test-words.mjs [--suite SUITE]

Runs the commands of docs/getting-started.md in their order on a bare Debian, with the packages in build/packages.

--suite SUITE   one of ${names.join(', ')}; may be given again; default all`;
const { values: flags } = readArguments(help, {
  options: { suite: { type: 'string', multiple: true, choices: names, default: names } },
});
let isGood = true;
for (const suite of flags.suite) {
  const folder = bareRoot(suite, 'words');
  copyPackages(folder, suites[suite]);
  addScript(folder, wordsScript(suite));
  boot(folder, { hasNetwork: true });
  const log = readFileSync(join(folder, 'root/check.log'), 'utf8');
  isGood =
    report(`${suite}, by the words of docs/getting-started.md`, log, 'ok a prediction came') &&
    isGood;
}
process.exitCode = isGood ? 0 : 1;
