import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../support/command.js';
import { projectFile } from '../support/project.js';

/** A Python that has torch, numpy and onnx. These are no part of the project, so that without its name there are no tests here. */
const python = process.env['PYTORCH_PYTHON'];

/** Models of each kind of output, in the words of a user: each takes the samples that the lines in the documents ask for. */
const models: Readonly<Record<string, string>> = {
  classifier: `
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.cells, self.head = nn.LSTM(3, 8, batch_first=True), nn.Linear(8, 4)
    def forward(self, x):
        return torch.softmax(self.head(self.cells(x)[0][:, -1]), -1)`,
  'two outputs': `
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.cells = nn.LSTM(3, 8, batch_first=True)
        self.head, self.value = nn.Linear(8, 4), nn.Linear(8, 1)
    def forward(self, x):
        last = self.cells(x)[0][:, -1]
        return torch.softmax(self.head(last), -1), self.value(last)`,
  autoencoder: `
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = nn.LSTM(3, 8, batch_first=True), nn.LSTM(8, 8, batch_first=True)
        self.head = nn.Linear(8, 3)
    def forward(self, x):
        last = self.encoder(x)[1][0][-1]
        return self.head(self.decoder(last.unsqueeze(1).repeat(1, x.shape[1], 1))[0])`,
  'forecaster of four steps': `
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.cells, self.head = nn.LSTM(3, 8, batch_first=True), nn.Linear(8, 12)
    def forward(self, x):
        return self.head(self.cells(x)[0][:, -1]).view(-1, 4, 3)`,
  'convolutional autoencoder': `
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = nn.Conv1d(3, 8, 4, 2, 1), nn.ConvTranspose1d(8, 3, 4, 2, 1)
    def forward(self, x):
        return self.decoder(torch.relu(self.encoder(x.transpose(1, 2)))).transpose(1, 2)`,
  'number of a class': `
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.cells, self.head = nn.LSTM(3, 8, batch_first=True), nn.Linear(8, 4)
    def forward(self, x):
        return torch.argmax(self.head(self.cells(x)[0][:, -1]), dim=1)`,
};

/** The tasks that inspect finds by the shape alone; what the other models are for, nothing in the file says. */
const tasks: Readonly<Record<string, string>> = {
  classifier: 'classify',
  'two outputs': 'classify',
  autoencoder: 'reconstruct',
  'number of a class': 'classify',
};

/** The Python of docs/models.md below a heading, or the first that has a word in it. */
function linesWith(word: string): string {
  const blocks = readFileSync(projectFile('docs/models.md'), 'utf8').split('```');
  const found = blocks.find((block) => block.startsWith('python') && block.includes(word));
  assert.ok(found !== undefined, word);
  return found.slice('python'.length);
}

for (const [name, lines] of python === undefined ? [] : Object.entries(models)) {
  test(`the lines for PyTorch in the documents write a case that verify agrees with: ${name}`, async () => {
    assert.ok(python !== undefined);
    const folder = mkdtempSync(join(tmpdir(), 'lstmd-pytorch-'));
    try {
      const script = `
import numpy as np, torch
from torch import nn
torch.manual_seed(1)${lines}
model, example = Model(), torch.zeros(1, 50, 3)
np.save("samples.npy", np.random.default_rng(1).uniform(-1, 1, (160, 3)).astype("float32"))
${linesWith('torch.onnx.export')}
${linesWith('import json, numpy as np, torch')}`;
      writeFileSync(join(folder, 'lines.py'), script);
      const run = spawnSync(python, ['lines.py'], { cwd: folder, encoding: 'utf8' });
      assert.equal(run.status, 0, run.error?.message ?? run.stderr);
      const verified = await runCommand(['verify', 'model.onnx', 'case.json'], { cwd: folder });
      assert.equal(verified.code, 0, verified.stderr);
      const task = tasks[name] ?? '';
      const shown = await runCommand(['inspect', 'model.onnx', '--window', '50'], { cwd: folder });
      assert.ok(shown.stdout.includes(`: ${task}`), shown.stdout);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
