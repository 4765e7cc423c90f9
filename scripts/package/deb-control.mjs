/** The words in which the Debian packages speak of themselves. */

const maintainer = 'The lstmd developers <lstmd@localhost>';

/** @param installedKiB what the files take, in KiB */
export function controlOf({ version, description }, architecture, installedKiB) {
  return `Package: lstmd
Version: ${version}
Architecture: ${architecture}
Maintainer: ${maintainer}
Installed-Size: ${installedKiB}
Depends: nodejs (>= 20.19) | lstmd-node, libc6 (>= 2.31), libstdc++6
Suggests: mosquitto
Section: science
Priority: optional
Description: LSTM inference on a live serial sensor stream
 ${wrapped(`${description}.`)}
 .
 Where the system's own Node is older than 20.19, as in Debian 12, install
 lstmd-node beside it.
`;
}

/** The package of Node alone, in a folder of its own: no other Node on the machine is touched. */
export function nodeControlOf(version, architecture, installedKiB) {
  return `Package: lstmd-node
Version: ${version}
Architecture: ${architecture}
Maintainer: ${maintainer}
Installed-Size: ${installedKiB}
Depends: libc6 (>= 2.28), libstdc++6, libgcc-s1
Section: javascript
Priority: optional
Description: Node.js for lstmd, where that of the system is too old
 It lies in /usr/lib/lstmd-node and is no command of its own.
`;
}

/**
 * The manual page.
 *
 * @param help what \`lstmd --help\` prints, wide enough that each command has one line
 */
export function manualPage({ version, description }, help) {
  const commands = [
    ...help.slice(help.indexOf('Commands:')).matchAll(/^ {2}([a-z]+)(.*?) {2,}(\S.*)$/gm),
  ];
  const entries = commands
    .filter(([, name]) => name !== 'help')
    .map(([, name, args, text]) => `.TP\n.B lstmd ${name}${escaped(args)}\n${escaped(text)}`);
  return `.TH LSTMD 1 "" "lstmd ${version}"
.SH NAME
lstmd \\- LSTM inference on a live serial sensor stream
.SH SYNOPSIS
.B lstmd
COMMAND [options]
.SH DESCRIPTION
${escaped(description)}.
Each command tells its options and shows examples with
.BR \\-\\-help .
.SH COMMANDS
${entries.join('\n')}
.SH FILES
.TP
.I /etc/lstmd/lstmd.yaml
The configuration of lstmd.service; /etc/lstmd/NAME.yaml that of lstmd@NAME.service.
.TP
.I /var/lib/lstmd
The states of the streams, and the records that wait for the broker.
.SH EXIT STATUS
As in sysexits.h: 64 wrong usage, 65 bad data, 66 a file that cannot be read, 69 something that is not there, 74 an input or
output that failed, 78 a wrong configuration. The service is not restarted after 64, 65, 66 and 78.
.SH SEE ALSO
.BR systemctl (1),
.BR journalctl (1)
`;
}

function escaped(text) {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-');
}

/** Lines of at most 76 characters, as a description has them. */
function wrapped(text) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last.length + word.length > 75) {
      lines.push(word);
    } else {
      lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
    }
  }
  return lines.join('\n ');
}
