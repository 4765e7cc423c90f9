import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectFile } from '../support/project.js';

const { rooms } = (await import(projectFile('scripts/rooms.mjs'))) as {
  readonly rooms: Readonly<Record<string, string>>;
};

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
  const folders = readdirSync(projectFile('src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const missing = folders.filter((room) => !new RegExp(`^\\| \`${room}/`, 'm').test(page));
  assert.deepEqual(missing, []);
});

test('a room imports only what stands before it in the table', () => {
  const order = [...page.matchAll(/^\| `([\w/-]+)\/` /gm)].map(([, room = '']) => room);
  /** The row of the innermost room of the table that a room lies in. */
  const rowOf = (room: string): number =>
    order.indexOf(
      order
        .filter((name) => room === name || room.startsWith(`${name}/`))
        .toSorted((a, b) => b.length - a.length)[0] ?? '',
    );
  const late = Object.entries<string>(rooms).flatMap(([room, imports]) =>
    // The two doors know the command line, and a folder without a row is its rooms' alone.
    room === '.' || room === 'launcher' || rowOf(room) === -1
      ? []
      : imports
          .split(' ')
          .filter((name) => name !== '' && rowOf(name) > rowOf(room))
          .map((name) => `${room} imports ${name}`),
  );
  assert.deepEqual(late, []);
});

test('the page gives each word one meaning', () => {
  const words = [...page.matchAll(/^\| \*\*([\w ]+)\*\* /gm)].map(([, word]) => word);
  assert.ok(words.length >= 25);
  assert.equal(new Set(words).size, words.length);
});
