import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { ReferenceStatistics } from '#src/commands/evaluate/reference-statistics.js';
import type { EvaluationReport, ModeReport } from '#src/commands/evaluate/report.js';
import { runCommand } from '../../support/command.js';
import { testFolder } from '../../support/daemon.js';
import { projectFile } from '../../support/project.js';
import { evaluate, refusal } from './evaluation.js';

/** Six classes of windows of 40 samples in g; `har_figures.py` trained it. */
const har = projectFile('test/commands/evaluate/motionsense.keras');
const classes = ['--classes', 'dws,jog,sit,std,ups,wlk'];
const running = projectFile('examples/running/running.keras');

/** Writes files of rows into a folder that is removed afterwards. */
function written(t: TestContext, files: Readonly<Record<string, readonly string[]>>): string {
  const folder = testFolder(t);
  for (const [name, rows] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), `${rows.join('\n')}\n`);
  }
  return folder;
}

/** Rows of a sensor that lies still. */
function still(count: number, ...more: string[]): string[] {
  return Array.from({ length: count }, (_, n) =>
    ['0.01', `${n % 3}e-3`, '0.98', ...more].join(','),
  );
}

function exact(report: EvaluationReport, mode: keyof EvaluationReport['modes']) {
  const found: ModeReport | undefined = report.modes[mode];
  assert.ok(found?.exact === true && found.task === 'classify');
  return found;
}

describe('lstmd evaluate', () => {
  test('judges each output by the label of its sample, in the modes that are exact', async (t) => {
    const header = 'x,y,z,activity';
    const rows = [header, ...still(50, 'std'), ...still(30, ''), ...still(40, 'wlk')];
    const folder = written(t, { 'day.csv': rows });
    const report = await evaluate(har, '--data', folder, '--labels', 'column:Activity', ...classes);
    assert.deepEqual(report.data.labels, [
      { label: 'std', class: 'std', samples: 50, recordings: 1 },
      { label: 'wlk', class: 'wlk', samples: 40, recordings: 1 },
    ]);
    assert.equal(report.data.unlabelled, 30);
    assert.deepEqual(report.data.absentClasses, ['dws', 'jog', 'sit', 'ups']);
    const counts = (mode: 'continuous' | 'sequence' | 'sliding') => {
      const { all, warm, notJudged } = exact(report, mode);
      return [all.outputs, warm.outputs, notJudged];
    };
    assert.deepEqual(counts('continuous'), [90, 51, 30]);
    assert.deepEqual(counts('sequence'), [90, 2, 30]);
    assert.deepEqual(counts('sliding'), [51, 51, 30]);
  });

  test('judges a window over a change of labels as it was told to', async (t) => {
    const rows = [...still(60, 'std'), ...still(60, 'wlk')];
    const folder = written(t, { 'day.csv': rows });
    const support = async (rule: string, mode: 'sliding' | 'sequence' = 'sliding') => {
      const args = ['--labels', 'column:3', '--labels-at', rule, '--mode', mode];
      const report = await evaluate(har, '--data', folder, ...args, ...classes);
      return exact(report, mode).all.classes.map((of) => of.support);
    };
    // The first window ends with sample 39, the first of which all are "wlk" with sample 99.
    assert.deepEqual(await support('last'), [0, 0, 0, 21, 0, 60]);
    assert.deepEqual(await support('majority'), [0, 0, 0, 40, 0, 41]);
    assert.deepEqual(await support('unchanged'), [0, 0, 0, 21, 0, 21]);
    // The steps before the change have seen one label in the window from sample 40 on.
    assert.deepEqual(await support('unchanged', 'sequence'), [0, 0, 0, 60, 0, 40]);
  });

  test('begins each recording with a state of zeros', async (t) => {
    const folder = written(t, {
      'one/std/a.csv': still(45),
      'two/std/a.csv': still(45),
      'two/std/b.csv': still(45),
    });
    const correct = async (name: string) => {
      const report = await evaluate(
        har,
        '--data',
        join(folder, name),
        '--labels',
        'folder',
        ...classes,
      );
      return exact(report, 'continuous').recordings.map(({ outputs, right }) => [outputs, right]);
    };
    const [alone] = await correct('one');
    assert.deepEqual(await correct('two'), [alone, alone]);
  });

  test('counts labels as it was told to: as another, not at all, or as the rest', async (t) => {
    const folder = written(t, {
      'standing-1.csv': still(41),
      'std_2.csv': still(41),
      'other.csv': still(41),
    });
    const names = ['--labels', 'file', '--map', 'standing=std', '--ignore', 'other'];
    const report = await evaluate(har, '--data', folder, ...names, ...classes, '--mode', 'sliding');
    assert.deepEqual(
      report.data.labels.map((count) => [count.label, count.class, count.samples]),
      [
        ['other', null, 41],
        ['standing', 'std', 41],
        ['std', 'std', 41],
      ],
    );
    assert.deepEqual(
      [exact(report, 'sliding').all.outputs, exact(report, 'sliding').notJudged],
      [4, 2],
    );
    const pattern = ['--labels', 'file:^([a-z]+)', '--positive', 'other'];
    const binary = await evaluate(running, '--data', folder, ...pattern);
    assert.deepEqual(binary.model.classes, ['not other', 'other']);
    assert.deepEqual(
      exact(binary, 'continuous').all.classes.map((of) => of.support),
      [82, 41],
    );
  });

  test('names labels that are none of the model, with the file and the line', async (t) => {
    const folder = written(t, {
      'swim/a.csv': still(3),
      'dive/b.csv': still(3),
      'day.csv': [...still(2, 'std'), ...still(1, 'swim')],
    });
    const folders = ['--data', join(folder, 'swim'), join(folder, 'dive')];
    const whole = await refusal(65, har, ...folders, '--labels', 'folder', ...classes);
    assert.match(
      whole,
      /swim\/a\.csv: the label "swim" is none of the model's: dws, jog.*--map swim=CLASS/,
    );
    assert.match(whole, /dive\/b\.csv: the label "dive"/);
    const day = ['--data', join(folder, 'day.csv'), '--labels', 'column:3'];
    assert.match(await refusal(65, har, ...day, ...classes), /day\.csv, line 3: the label "swim"/);
  });

  test('says what is missing, and the way out', async (t) => {
    const folder = written(t, { 'walk/a.csv': still(3), 'readme/notes.txt': ['no rows'] });
    const walk = ['--data', join(folder, 'walk')];
    assert.match(
      await refusal(64, running, ...walk),
      /--labels folder, --labels file or --labels column:NAME/,
    );
    assert.match(
      await refusal(64, running, ...walk, '--labels', 'walk'),
      /not "walk"\. The names of the model's outputs are --classes/,
    );
    assert.match(await refusal(64, running, ...walk, '--labels', 'folder'), /--positive LABEL/);
    assert.match(
      await refusal(64, har, ...walk, '--labels', 'folder', '--classes', 'a,b'),
      /2 names for a model of 6 outputs/,
    );
    assert.match(
      await refusal(65, har, '--data', join(folder, 'readme'), '--labels', 'folder'),
      /no \.csv/,
    );
    assert.match(
      await refusal(66, har, '--data', join(folder, 'none'), '--labels', 'folder'),
      /cannot read .*none/,
    );
    assert.match(
      await refusal(65, running, ...walk, '--labels', 'file:(x)', '--positive', 'a'),
      /matches no label in the name "a"/,
    );
    const refused = await refusal(
      65,
      running,
      ...walk,
      '--labels',
      'folder',
      '--positive',
      'walk',
      '--mode',
      'sliding',
    );
    assert.match(refused, /mode sliding is not exact .*give a window/);
  });

  test('takes model, features and names from a stream of a configuration', async (t) => {
    const folder = written(t, {
      'running/a.csv': Array.from({ length: 30 }, (_, n) => `x,${900 + n},120,-40`),
      'still/a.csv': Array.from({ length: 30 }, () => 'x,0,0,980').with(4, 'x,0,0,5000'),
      'lstmd.yaml': [
        'mqtt: { url: mqtt://127.0.0.1 }',
        'streams:',
        '  wearer:',
        '    sensor: { link: /dev/null, rateHz: 26, columns: [1, 2, 3] }',
        '    features: { scale: 0.001, max: 4000 }',
        `    model: { file: ${running}, mode: continuous, labels: [resting, running], warmupSamples: 20 }`,
      ],
    });
    const config = ['-c', join(folder, 'lstmd.yaml'), '--stream', 'wearer'];
    const data = ['--data', join(folder, 'running'), join(folder, 'still'), '--labels', 'folder'];
    const report = await evaluate(...config, ...data, '--map', 'still=resting');
    assert.equal(report.data.outOfRange, 1);
    assert.equal(report.data.samples, 59);
    assert.deepEqual(report.model.classes, ['resting', 'running']);
    assert.deepEqual(
      [exact(report, 'continuous').all.outputs, exact(report, 'continuous').warm.outputs],
      [59, 21],
    );
    assert.match(
      await refusal(64, '-c', join(folder, 'lstmd.yaml'), '--stream', 'x', ...data),
      /no stream "x"; there are: wearer/,
    );
  });

  test('makes features as the stream does, each recording from the beginning', async (t) => {
    const rows = Array.from({ length: 40 }, (_, n) => `${n},5,-7`);
    const folder = written(t, {
      'a.csv': rows,
      'b.csv': rows,
      'lstmd.yaml': [
        'mqtt: { url: mqtt://127.0.0.1 }',
        'streams:',
        '  wearer:',
        '    sensor: { link: /dev/null, rateHz: 26 }',
        '    features: { steps: [{ step: difference }] }',
        `    model: { file: ${running}, mode: continuous, labels: [running] }`,
      ],
    });
    const file = join(folder, 'reference.json');
    const config = ['-c', join(folder, 'lstmd.yaml'), '--reference-out', file];
    const data = ['--data', join(folder, 'a.csv'), join(folder, 'b.csv')];
    assert.equal((await runCommand(['evaluate', ...config, ...data])).code, 0);
    const { features, modes } = JSON.parse(readFileSync(file, 'utf8')) as ReferenceStatistics;
    // The first difference is 0, of both recordings, and no output of a sample that has none before it is warm.
    assert.deepEqual(
      features.map(({ name, count, mean, max }) => [name, count, mean?.toFixed(9), max]),
      [
        ['x', 80, (78 / 80).toFixed(9), 1],
        ['y', 80, (0).toFixed(9), 0],
        ['z', 80, (0).toFixed(9), 0],
      ],
    );
    assert.equal(modes['continuous']?.outputs[0]?.count, 78);
  });

  test('takes samples at the rate of the model, each with the label of its moment', async (t) => {
    // A ramp of 100 rows a second, of which the model gets 50.
    const rows = Array.from({ length: 400 }, (_, n) => `${n},5,-7,${n < 201 ? 'rest' : 'run'}`);
    const folder = written(t, {
      'day.csv': ['x,y,z,label', ...rows],
      'bounds.csv': ['x,y,z,label', ...rows.with(200, '900,5,-7,rest')],
      'short.csv': ['x,y,z,label', ...rows.slice(0, 40)],
      'lstmd.yaml': [
        'mqtt: { url: mqtt://127.0.0.1 }',
        'streams:',
        '  wearer:',
        '    sensor: { link: /dev/null, rateHz: 100, resample: { rateHz: 50 } }',
        '    features: { max: 800, steps: [{ step: difference, axes: [x] }] }',
        `    model: { file: ${running}, mode: continuous, labels: [rest, run], warmupSamples: 1 }`,
      ],
    });
    const file = join(folder, 'reference.json');
    const config = ['-c', join(folder, 'lstmd.yaml'), '--labels', 'column:label'];
    const day = ['--data', join(folder, 'day.csv')];
    const report = await evaluate(...config, ...day);
    // 400 rows, and of a filter of 41 taps 20 on each side: rows 20, 22 ... 378, of which 20 ... 200 are at rest.
    assert.equal(report.data.samples, 180);
    const { confusion } = exact(report, 'continuous').all;
    assert.deepEqual(
      confusion.map((row) => row.reduce((sum, count) => sum + count, 0)),
      [91, 89],
    );
    const { code, stderr } = await runCommand([
      'evaluate',
      ...config,
      ...day,
      '--reference-out',
      file,
    ]);
    assert.equal(code, 0);
    assert.match(stderr, /samples at 50 Hz are taken of rows at 100 Hz.*--rate 50/);
    const { features } = JSON.parse(readFileSync(file, 'utf8')) as ReferenceStatistics;
    // The steps come after the rate: the ramp climbs by two a sample. The first has none before it.
    assert.deepEqual(
      features.map(({ count, max }) => [count, max?.toFixed(4)]),
      [
        [180, '2.0000'],
        [180, '5.0000'],
        [180, '-7.0000'],
      ],
    );
    assert.equal((await evaluate(...config, ...day, '--rate', '50')).data.samples, 400);
    // A row out of bounds is a gap: rows 20 ... 179 and 221 ... 379.
    const bounds = await evaluate(...config, '--data', join(folder, 'bounds.csv'));
    assert.deepEqual([bounds.data.samples, bounds.data.outOfRange], [80 + 80, 1]);
    assert.match(
      await refusal(65, ...config, '--data', join(folder, 'short.csv')),
      /short.csv: holds too few rows to take samples at 50 Hz of those at 100 Hz/,
    );
    assert.match(await refusal(64, running, ...day, '--rate', '50'), /name its configuration/);
  });

  test('writes the reference statistics of features and warm outputs', async (t) => {
    const folder = written(t, { 'day.csv': still(60) });
    const file = join(folder, 'reference.json');
    const day = ['--data', join(folder, 'day.csv'), '--axes', 'x,y,z'];
    const { code, stdout } = await runCommand([
      'evaluate',
      har,
      ...day,
      '--reference-out',
      file,
      '--json',
    ]);
    assert.equal(code, 0);
    assert.equal((JSON.parse(stdout) as EvaluationReport).data.samples, 60);
    const reference = JSON.parse(readFileSync(file, 'utf8')) as ReferenceStatistics;
    assert.equal(reference.format, 'lstmd.reference-statistics');
    assert.match(reference.model.sha256, /^[0-9a-f]{64}$/);
    assert.deepEqual(
      reference.features.map(({ name, count, min, max, shares }) => [
        name,
        count,
        min,
        max,
        shares.length,
      ]),
      [
        ['x', 60, Math.fround(0.01), Math.fround(0.01), 1],
        ['y', 60, 0, Math.fround(0.002), 2],
        ['z', 60, Math.fround(0.98), Math.fround(0.98), 1],
      ],
    );
    const { sliding, sequence } = reference.modes;
    assert.deepEqual(
      [sliding?.outputs.length, sliding?.outputs[0]?.count, sequence?.outputs[0]?.count],
      [6, 21, 1],
    );
    const [entropy] = sliding?.entropy ?? [];
    assert.ok((entropy?.mean ?? -1) >= 0 && (entropy?.mean ?? 2) <= 1);
    const nowhere = ['--reference-out', '/no/where'];
    const unwritten = await runCommand(['evaluate', har, ...day, ...nowhere]);
    assert.equal(unwritten.code, 73);
    // No stream could be compared with features that have no names.
    assert.match(
      await refusal(64, har, '--data', folder, '--reference-out', file),
      /--reference-out: .* with --axes,.* or its configuration with -c/,
    );
  });

  test('writes a page that needs nothing beside it, whatever the names are', async (t) => {
    const name = '</script><b>std';
    const folder = written(t, { [`std/${name.replace('/', '')}.csv`]: still(60) });
    const file = join(folder, 'report.html');
    writeFileSync(join(folder, 'page.html'), '');
    symlinkSync('page.html', file);
    const odd = ['--classes', 'dws,jog,sit,std,ups,</script>'];
    const args = ['--data', join(folder, 'std'), '--labels', 'folder', ...odd, '--html', file];
    const { code, stdout } = await runCommand(['evaluate', har, ...args]);
    assert.equal(code, 0);
    assert.match(stdout, /^sliding +warm +21 /m);
    assert.ok(lstatSync(file).isSymbolicLink(), 'a link that is named stays one');
    const page = readFileSync(file, 'utf8');
    assert.doesNotMatch(page, /(?:src|href)=|url\(|@import|https?:/);
    assert.equal(page.match(/<script/g)?.length, 2);
    assert.doesNotMatch(page, /<b>std/);
    const json =
      /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page)?.[1] ?? '';
    const data = JSON.parse(json) as { modes: { names: string[]; courses: object[][] }[] };
    assert.deepEqual(
      data.modes.map(({ names, courses }) => [names.length, courses.length]),
      [
        [6, 1],
        [6, 1],
        [6, 1],
      ],
    );
    assert.match(page, /prefers-color-scheme:dark/);
  });
});
