import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SampleClock } from '#src/sensor/time/sample-clock.js';
import type { FeatureStepOptions } from '#src/config/feature-steps.js';
import { Conditioner, type FeatureOptions } from '#src/sensor/conditioner.js';
import { CsvDecoder } from '#src/sensor/decoders/csv-decoder.js';
import { FeatureChain } from '#src/sensor/features/feature-chain.js';
import { GapFiller, type FillOptions } from '#src/sensor/gap-filler.js';
import type { Link, LinkSink } from '#src/sensor/links/link.js';
import { Resampler } from '#src/sensor/resampler.js';
import type { SampleSink } from '#src/sensor/sample-block.js';
import { Sensor } from '#src/sensor/sensor.js';
import { RecordedLog } from '../support/recorded-log.js';

class FakeLink implements Link {
  write(): void {}

  readonly counters = {};
  sink: LinkSink | undefined;
  start(sink: LinkSink): void {
    this.sink = sink;
  }
  stop(): Promise<void> {
    return Promise.resolve();
  }
}

function tenths(ms = Number.NaN): number {
  return Math.round(10 * ms) / 10;
}

/** A sensor of one axis at 100 Hz whose bytes and their arrival a test gives. */
class Bench {
  readonly link = new FakeLink();
  readonly log = new RecordedLog();
  /** `seq:value@time` for a sample, `|` before each block, `reason+length` for a gap. */
  readonly events: string[] = [];
  readonly sensor: Sensor;

  constructor(
    features: FeatureOptions = {},
    steps: FeatureStepOptions[] = [],
    { fill, toHz, hasTime = false }: { fill?: FillOptions; toHz?: number; hasTime?: boolean } = {},
  ) {
    const time = { monotonicMs: () => 0, epochMs: () => 0 };
    const decoder = new CsvDecoder({
      axes: ['x'],
      timeColumn: hasTime ? 0 : undefined,
    });
    this.sensor = new Sensor({
      link: this.link,
      decoder,
      conditioner: new Conditioner(1, features),
      clock: new SampleClock(100, { time, device: decoder.deviceClock }),
      chain:
        steps.length === 0
          ? undefined
          : new FeatureChain({
              axes: ['x'],
              factors: [1],
              steps,
              mean: 0,
              std: 1,
              rateHz: 100,
            }),
      filler: fill && new GapFiller(1, 10, fill),
      resampler: toHz === undefined ? undefined : new Resampler(1, 100, toHz),
      resetAfterMs: 50,
      log: this.log,
    });
    const sink: SampleSink = {
      block: ({ count, values, timeMs, firstSeq, features: width, isSettling, isFilled }) => {
        assert.equal(width, 1);
        this.events.push(isSettling === true ? '~' : isFilled === true ? '+' : '|');
        for (let n = 0; n < count; n += 1) {
          this.events.push(`${firstSeq + n}:${values[n]}@${tenths(timeMs[n])}`);
        }
      },
      gap: ({ reason, lengthMs, filled }) =>
        this.events.push(`${reason}+${tenths(lengthMs)}${filled > 0 ? `/${filled}` : ''}`),
    };
    this.sensor.start(sink);
    this.link.sink?.opened('/dev/test');
    // The first line after an opening is never a row.
    this.link.sink?.bytes(Buffer.from('boot\n'), -20_000);
  }

  read(text: string, arrivalMs: number): this {
    this.link.sink?.bytes(Buffer.from(text), arrivalMs);
    return this;
  }

  get told(): string {
    return this.events.splice(0).join(' ');
  }
}

describe('Sensor', () => {
  test('passes the samples of one read as one block, numbered and timed', () => {
    const bench = new Bench({ scale: 2 }).read('1\n2\n', 1000).read('3', 1015).read('\n', 1020);
    assert.equal(bench.told, '| 1:2@990 2:4@1000 | 3:6@1010.4');
  });

  test('splits a read at a lost row, whose place in time stays empty', () => {
    const bench = new Bench().read('1\n2\nnan\nnan\n3\n4\n', 1000);
    assert.equal(bench.told, '| 1:1@950 2:2@960 rejected+30 | 3:3@990 4:4@1000');
  });

  test('tells a gap when its end is known, once, by what began it', () => {
    const bench = new Bench({ max: 100 }).read('1\n', 1000).read('101\n', 1010).read('nan\n', 1020);
    assert.equal(bench.told, '| 1:1@1000');
    assert.equal(bench.read('2\n', 1030).told, 'outOfRange+30 | 2:2@1030');
    assert.equal(bench.read('3\n', 1040).told, '| 3:3@1040');
  });

  test('tells samples that are late', () => {
    const bench = new Bench().read('1\n', 1000).read('2\n', 1030).read('3\n', 1061);
    assert.equal(bench.told, '| 1:1@1000 | 2:2@1010.6 late+50.4 | 3:3@1061');
  });

  test('tells that the link was opened anew, and drops the line it came into', () => {
    const bench = new Bench().read('1\n2', 1000);
    bench.link.sink?.closed('hungUp');
    assert.equal(bench.sensor.connected, false);
    bench.link.sink?.opened('/dev/test');
    bench.read('3\n4\n', 1500);
    assert.equal(bench.told, '| 1:1@1000 reopened+500 | 2:4@1500');
    assert.deepEqual(bench.sensor.counters['decoder']?.['partial'], 3);
    assert.equal(bench.sensor.connected, true);
  });

  test('knows no gap before the first sample', () => {
    assert.equal(new Bench().read('nan\n1\n', 5000).told, '| 1:1@5000');
  });

  test('grows with a large read and keeps every sample', () => {
    const bench = new Bench();
    const values = Array.from({ length: 3000 }, (_, n) => n);
    bench.read(values.map((value) => `${value}\n`).join(''), 100_000);
    const seen = bench.events.filter((event) => event !== '|').map((event) => event.split('@')[0]);
    assert.deepEqual(
      seen,
      values.map((value) => `${value + 1}:${value}`),
    );
  });

  test('says once why rows are lost, with the way out', () => {
    const bench = new Bench().read('1000,1\n1010,2\n', 1000);
    assert.equal(bench.log.at('warn').length, 1);
    assert.match(bench.log.at('warn')[0] ?? '', /2 fields where 1 were expected.*sensor\.columns/);
  });

  test('says what comes in the place of samples, once, and not while samples come', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const bench = new Bench();
    for (let n = 0; n < 20; n += 1) {
      bench.read('force=12\n', -10_000);
      t.mock.timers.tick(5000);
    }
    const tells = () => bench.log.at('warn').filter((line) => line.includes('no sample'));
    assert.equal(tells().length, 2, 'at once, and after a minute');
    assert.match(tells()[0] ?? '', /"force=12" came where a line of 1 number \(x\).*names beside/);
    bench.read('12\n', 0);
    t.mock.timers.tick(600_000);
    const before = tells().length;
    bench.read('hello\n', -10_000).read('13\n', 0);
    t.mock.timers.tick(600_000);
    assert.equal(tells().length, before);
  });

  test('says that readings out of range are why no sample comes', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const bench = new Bench({ max: 1 }).read('981\n', -10_000);
    t.mock.timers.tick(5000);
    assert.match(
      bench.log.at('warn').at(-1) ?? '',
      /no sample: "981".*features\.min and features\.max/,
    );
  });

  test('makes features by steps, which begin anew after a long gap and not after a short one', () => {
    const bench = new Bench({}, [{ step: 'difference' }]).read('5\n7\n', 1000);
    assert.equal(bench.told, '~ 1:0@990 2:2@1000');
    assert.equal(bench.read('8\nnan\n10\n', 1030).told, '| 3:1@1010 rejected+20 | 4:2@1030');
    assert.equal(bench.read('20\n', 1081).told, 'late+51 ~ 5:0@1081');
  });

  test('takes a feature that is not finite for a lost row', () => {
    const steps: FeatureStepOptions[] = [{ step: 'scale', by: 2 ** 127 }];
    const bench = new Bench({}, steps).read('1\n9\n1.5\n', 1000);
    const [one, more] = [2 ** 127, 1.5 * 2 ** 127];
    assert.equal(bench.told, `| 1:${one}@980 outOfRange+20 | 2:${more}@1000`);
    assert.equal(bench.sensor.counters['samples']?.['nonFinite'], 1);
    assert.equal(new Bench({}, steps).read('9\n1\n', 1000).told, `| 1:${one}@1000`);
  });

  test('fills a short gap with samples that it marks and counts, and tells it all the same', () => {
    const fill = { by: 'interpolate', upToMs: 40 } as const;
    const bench = new Bench({}, [], { fill }).read('1\n2\nnan\nnan\n5\n', 1000);
    assert.equal(bench.told, '| 1:1@960 2:2@970 rejected+30/2 + 3:3@980 4:4@990 | 5:5@1000');
    assert.equal(bench.sensor.counters['samples']?.['filled'], 2);
    bench.read('nan\nnan\nnan\nnan\n7\n', 1050);
    assert.equal(bench.told, 'rejected+50 | 6:7@1050', 'too long a gap');
    const held = new Bench({}, [], { fill: { by: 'hold', upToMs: 40 } });
    assert.equal(
      held.read('1\nnan\n5\n', 1000).told,
      '| 1:1@980 rejected+20/1 + 2:1@990 | 3:5@1000',
    );
  });

  test('fills as many samples as the own clock of the sensor shows missing, whatever the arrivals say', () => {
    const fill = { by: 'interpolate', upToMs: 40 } as const;
    const bench = new Bench({}, [], { fill, hasTime: true }).read('0,1\n10,2\n', 1000);
    // The gap is of 40 ms, and the row behind it arrives earlier than any before it.
    assert.equal(bench.told, '| 1:1@990 2:2@1000');
    bench.read('50,6\n', 1030);
    assert.equal(bench.told, 'lost+30/3 + 3:3@1007.5 4:4@1015 5:5@1022.5 | 6:6@1030');
  });

  test('fills no silence in which a row was lost, before it or behind it', () => {
    const fill = { by: 'interpolate', upToMs: 40 } as const;
    for (const lostAtMs of [1010, 2490]) {
      const bench = new Bench({}, [], { fill }).read('1\n', 1000).read('nan\n', lostAtMs);
      assert.equal(bench.read('4\n', 2500).told, '| 1:1@1000 rejected+1500 | 2:4@2500');
    }
  });

  test('goes on with filters and differences over a gap that it fills', () => {
    const fill = { by: 'hold', upToMs: 100 } as const;
    const bench = new Bench({}, [{ step: 'difference' }], { fill }).read('1\n', 1000);
    bench.read('nan\nnan\nnan\nnan\nnan\n4\n', 1060);
    assert.match(bench.told, /rejected\+60\/5 \+ .* \| 7:3@1060$/);
  });

  test('takes samples at another rate, and begins anew after a gap that is not filled', () => {
    const bench = new Bench({}, [], { toHz: 200 }).read('1\n2\n', 1000);
    assert.equal(bench.told, '| 1:1@990 2:1.5@995 3:2@1000');
    assert.equal(
      bench.read('nan\n4\n5\n', 1030).told,
      'rejected+20 | 4:4@1020 5:4.5@1025 6:5@1030',
    );
    const filled = new Bench({}, [], {
      toHz: 200,
      fill: { by: 'interpolate', upToMs: 20 },
    });
    assert.equal(
      filled.read('1\nnan\n3\n', 1000).told,
      '| 1:1@980 rejected+20/1 + 2:1.5@985 3:2@990 | 4:2.5@995 5:3@1000',
    );
  });

  test('passes nothing on once it is stopped', async () => {
    const bench = new Bench();
    await bench.sensor.stop();
    assert.equal(bench.read('1\n', 1000).told, '');
  });
});
