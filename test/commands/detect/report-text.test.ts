import assert from "node:assert/strict";
import { test } from "node:test";
import { detectionText } from "#src/commands/detect/report-text.js";

test("names the speeds at which a sensor was silent, with the commands that listen there for longer", () => {
  const garbage = {
    bytesPerSecond: 12,
    shown: "80 f8",
    words: "another baud",
    kind: "bytes",
  } as const;
  const silence = {
    bytesPerSecond: 0,
    shown: "",
    words: "nothing came",
    kind: "nothing",
  } as const;
  const text = detectionText({
    port: "/dev/ttyUSB0",
    formats: [],
    heard: [
      { baudRate: 115_200, ...garbage },
      ...[460_800, 230_400, 38_400, 19_200, 4800].map((baudRate) => ({
        baudRate,
        ...silence,
      })),
    ],
  });
  assert.match(text, /nothing came at 460800, 230400, 38400, 19200, 4800 baud/);
  assert.match(
    text,
    /^ {2}lstmd detect --baud 460800,230400,38400,19200 \/dev\/ttyUSB0$/m,
  );
  assert.match(text, /^ {2}lstmd detect --baud 4800 \/dev\/ttyUSB0$/m);
});
