import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectFile } from '../support/project.js';

const page = readFileSync(projectFile('docs/architecture.md'), 'utf8');
const prose = page.replace(/^```[^]*?^```/gm, '');

/** Every file and folder that the page may name, relative to the checkout. */
const tops = ['src', 'native', 'scripts', 'docs', 'test', 'bench', 'deploy', 'examples'];
const paths = tops.concat(
  tops.flatMap((top) =>
    readdirSync(projectFile(top), { recursive: true, encoding: 'utf8' }).map((path) =>
      join(top, path),
    ),
  ),
);

test('the page names files and folders that there are', () => {
  const named = [...prose.matchAll(/`([\w./-]+(?:\.(?:ts|mjs|cpp|h|md)|\/))`/g)].map(
    ([, name = '']) => name.replace(/\/$/, ''),
  );
  assert.ok(named.length > 60);
  const missing = named.filter((name) => !paths.some((path) => `/${path}`.endsWith(`/${name}`)));
  assert.deepEqual(missing, []);
});

test('the page has every room that is not within another', () => {
  const rooms = readdirSync(projectFile('src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const missing = rooms.filter((room) => !new RegExp(`^\\| \`${room}/`, 'm').test(page));
  assert.deepEqual(missing, []);
});

test('the page gives each word one meaning', () => {
  const words = [...page.matchAll(/^\| \*\*([\w ]+)\*\* /gm)].map(([, word]) => word);
  assert.ok(words.length >= 25);
  assert.equal(new Set(words).size, words.length);
});
