import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { createDecoder } from '#src/sensor/decoders/registry.js';
import { DecoderRecorder } from '../sensor/decoders/recorder.js';
import { projectFile } from '../support/project.js';

const folder = mkdtempSync(join(tmpdir(), 'lstmd-cobs-'));
after(() => rmSync(folder, { recursive: true }));

/** Compiles a program with a C or C++ compiler and returns what it prints. */
function output(compiler: string, file: string, source: string, flags: readonly string[]): Buffer {
  const path = join(folder, file);
  writeFileSync(path, source);
  const program = join(folder, 'program');
  const built = spawnSync(
    compiler,
    [...flags, '-Wall', '-Wextra', '-Werror', '-o', program, path],
    {
      encoding: 'utf8',
    },
  );
  assert.equal(built.status, 0, built.stderr);
  return spawnSync(program).stdout;
}

function rowsOf(bytes: Uint8Array): DecoderRecorder {
  return new DecoderRecorder(createDecoder({ decoder: 'cobs', axes: ['x', 'y', 'z'] })).push(bytes);
}

describe('the examples of COBS frames', () => {
  test('in C is read by the decoder', () => {
    const bytes = output(
      'cc',
      'main.c',
      `#include <stdio.h>
#include "${projectFile('examples/cobs-sketch/cobs.h')}"
int main(void) {
  for (unsigned n = 250; n < 520; n++) {
    float readings[3] = {(float)n, -0.5f * (float)n, 0};
    unsigned char out[COBS_FRAME_BYTES(3)];
    fwrite(out, 1, cobs_frame((uint16_t)n, readings, 3, out), stdout);
  }
  return 0;
}
`,
      ['-std=c11'],
    );
    const recorder = rowsOf(bytes);
    assert.equal(recorder.events.length, 270);
    for (const [index, event] of recorder.events.entries()) {
      const n = 250 + index;
      assert.deepEqual([event, recorder.counts[index]], [[n, -n / 2, 0], n]);
    }
  });

  test('for Arduino is read by the decoder', () => {
    const sketch = readFileSync(projectFile('examples/cobs-sketch/cobs-sketch.ino'), 'utf8');
    // The sketch uses of Arduino time that runs on by itself, and analog inputs that count up.
    const bytes = output(
      'c++',
      'main.cpp',
      `#include <cstdint>
#include <cstdio>
#include <cstddef>
using std::size_t;
static unsigned long now = 0;
static unsigned long micros() { return now += 1000; }
static int reads = 0;
static const int A0 = 14;
static int analogRead(int) { return reads++; }
static struct {
  void begin(long) {}
  void write(const uint8_t* bytes, size_t count) { fwrite(bytes, 1, count, stdout); }
} Serial;
${sketch}
int main() {
  setup();
  while (reads < 300) loop();
}
`,
      ['-std=c++17'],
    );
    const recorder = rowsOf(bytes);
    assert.equal(recorder.events.length, 100);
    assert.deepEqual(recorder.events[99], [297, 298, 299]);
    assert.deepEqual(recorder.counts.slice(0, 3), [0, 1, 2]);
  });
});
