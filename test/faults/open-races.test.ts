import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SerialLink } from '#src/sensor/links/serial/serial-link.js';
import { Draw } from '../support/draw.js';
import { openTtys } from '../support/open-ttys.js';
import { TestPty } from '../support/pty.js';
import { RecordedLinkSink } from '../support/recorded-link-sink.js';
import { isLong } from './long-run.js';

const races = isLong ? 500 : 40;

test(
  `leaves no descriptor and no lock behind ${races} races of open, hang-up and stop`,
  { timeout: 600_000 },
  async (t) => {
    const draw = new Draw(3);
    const pty = new TestPty(t);
    const none = openTtys().length;
    const outcomes = new Map<string, number>();
    const turns = async (most: number): Promise<void> => {
      for (let left = draw.whole(0, most); left > 0; left -= 1) {
        await new Promise(setImmediate);
      }
    };
    for (let race = 0; race < races; race += 1) {
      pty.port.plug();
      const link = new SerialLink({ path: pty.path, baudRate: 115200, rateHz: 26 });
      const sink = new RecordedLinkSink();
      link.start(sink);
      await turns(40);
      if (draw.chance(0.6)) {
        pty.port.unplug();
        await turns(20);
        if (draw.chance(0.5)) {
          pty.port.plug();
        }
        await turns(20);
      }
      await link.stop();
      const events = sink.events.map((event) => event.split(' ')[0]).join(' ');
      outcomes.set(events, (outcomes.get(events) ?? 0) + 1);
      assert.equal(openTtys().length, none + (pty.port.plugged ? 1 : 0), `race ${race}: ${events}`);
    }
    t.diagnostic([...outcomes].map(([events, count]) => `${count} x "${events}"`).join(', '));
    assert.ok(outcomes.size > 2);

    pty.port.plug();
    const link = new SerialLink({ path: pty.path, baudRate: 115200, rateHz: 26 });
    const sink = new RecordedLinkSink();
    link.start(sink);
    await sink.until(() => sink.count('opened') === 1);
    await pty.send(['1,2,3']);
    await sink.until(() => sink.text === '1,2,3\n');
    await link.stop();
  },
);
