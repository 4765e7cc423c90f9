import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { describe, test } from 'node:test';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { PacketBuffer } from '#src/publish/mqtt/wire/packet-buffer.js';

/** A connection that keeps what it is given, a text for each write, and takes it at once or when it is told to. */
function connection(): { writes: string[]; duplex: Duplex; take: () => void; isSlow: boolean } {
  const writes: string[] = [];
  const waiting: (() => void)[] = [];
  const kept = {
    writes,
    isSlow: false,
    duplex: new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        writes.push(chunk.toString('latin1'));
        if (kept.isSlow) {
          waiting.push(done);
        } else {
          done();
        }
      },
    }),
    take: () => {
      for (const done of waiting.splice(0)) {
        done();
      }
    },
  };
  return kept;
}

function send(packets: PacketBuffer, ...texts: string[]): void {
  for (const text of texts) {
    const position = packets.reserve(text.length);
    packets.bytes.write(text, position, 'latin1');
    packets.send(true);
  }
}

describe('packet buffer', () => {
  test('a lone packet goes at once, and those behind it in one write', async () => {
    const { writes, duplex } = connection();
    const packets = new PacketBuffer(duplex);
    send(packets, 'a');
    assert.deepEqual(writes, ['a']);
    send(packets, 'b', 'c');
    assert.deepEqual(writes, ['a']);
    await endOfTurn();
    assert.deepEqual(writes, ['a', 'bc']);
  });

  test('a lone packet waits for the end of the turn while others are on their way', async () => {
    const { writes, duplex } = connection();
    const packets = new PacketBuffer(duplex);
    packets.bytes.write('a', packets.reserve(1), 'latin1');
    packets.send(false);
    assert.deepEqual(writes, []);
    await endOfTurn();
    assert.deepEqual(writes, ['a']);
  });

  test('after a turn of many packets they go in one write, until there is one alone', async () => {
    const { writes, duplex } = connection();
    const packets = new PacketBuffer(duplex);
    send(packets, 'a', 'b');
    await endOfTurn();
    writes.length = 0;
    send(packets, 'c', 'd', 'e');
    assert.deepEqual(writes, []);
    await endOfTurn();
    assert.deepEqual(writes, ['cde']);
    send(packets, 'f');
    assert.deepEqual(writes, ['cde']);
    await endOfTurn();
    assert.deepEqual(writes, ['cde', 'f']);
    send(packets, 'g');
    assert.deepEqual(writes, ['cde', 'f', 'g']);
  });

  test('what the connection has not taken yet stays as it was written', async () => {
    const kept = connection();
    const packets = new PacketBuffer(kept.duplex);
    kept.isSlow = true;
    const sent = ['a', 'b', 'c'].map((letter) => letter.repeat(20_000));
    for (const text of sent) {
      send(packets, text);
      await endOfTurn();
    }
    for (let n = 0; n < sent.length; n += 1) {
      kept.take();
    }
    assert.deepEqual(kept.writes, sent);
  });
});
