import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { readRows } from '#src/rows/row-reader.js';
import type { RowFields } from '#src/rows/row-fields.js';
import { testFolder } from '../support/daemon.js';

async function read(
  t: TestContext,
  text: string,
  fields: RowFields = {},
): Promise<{ values: number[]; texts: string[] }[]> {
  const file = join(testFolder(t), 'day.csv');
  writeFileSync(file, text);
  const rows = [];
  for await (const { values, texts } of readRows(file, 2, fields)) {
    rows.push({ values: [...values], texts: [...texts] });
  }
  return rows;
}

describe('readRows', () => {
  test('takes the other fields for the features where a column is named', async (t) => {
    const text = '\ufeffx,Activity,y\n1,gehend für sich,2\n3,,4\n';
    assert.deepEqual(await read(t, text, { texts: ['activity'] }), [
      { values: [1, 2], texts: ['gehend für sich'] },
      { values: [3, 4], texts: [''] },
    ]);
  });

  test('finds the features by their names beside columns that nobody asked for', async (t) => {
    const text = 'time;y;x;label;note\n0;1;2;walk;a\n';
    assert.deepEqual(await read(t, text, { texts: ['label'], axes: ['x', 'y'] }), [
      { values: [2, 1], texts: ['walk'] },
    ]);
  });

  test('takes an empty field at the end of a row for one', async (t) => {
    const expected = [{ values: [1, 2], texts: [''] }];
    assert.deepEqual(await read(t, 'x,y,label\n1,2,\n', { texts: ['label'] }), expected);
    const named = { texts: ['label'], axes: ['X', 'y'] };
    assert.deepEqual(await read(t, 'x;y;label\n1;2;\n', named), expected);
    assert.deepEqual(
      await read(t, '1,2,\n', { texts: [2], columns: [0, 1], decimal: 'point' }),
      expected,
    );
  });

  test('finds a column by its number, with and without a header', async (t) => {
    const expected = [{ values: [1, 2], texts: ['7'] }];
    assert.deepEqual(await read(t, '1,2,7\n', { texts: [2] }), expected);
    assert.deepEqual(await read(t, 'a,b,c\n1,2,7\n', { texts: [2] }), expected);
    assert.deepEqual(await read(t, '[1, 2, "7"]\n', { texts: [2] }), expected);
    assert.deepEqual(
      await read(t, '9,7,1,2\n', { texts: [1], columns: [2, 3], decimal: 'point' }),
      expected,
    );
  });

  test('names the line and the column that is not there', async (t) => {
    const refuses = (text: string, fields: RowFields, message: RegExp) =>
      assert.rejects(read(t, text, fields), message);
    await refuses('x,y\n1,2\n', { texts: ['label'] }, /line 1: no column "label" in the header: x/);
    await refuses('1,2,w\n', { texts: ['label'] }, /no header, so give its number, from 0 to 2/);
    await refuses('t,x,y,label\n1,2,3,w\n', { texts: ['label'] }, /3 fields \(t, x, y\) beside/);
    await refuses('[1,2,"w"]\n', { texts: ['label'] }, /line 1: a JSON array has no field/);
    const axes = ['x', 'y'];
    await refuses('x,x,y,l\n1,1,2,w\n', { texts: ['l'], axes }, /not each of x, y once: x, x, y/);
    await refuses(
      '1,2,w\n3,4\n',
      { texts: [2], columns: [0, 1], decimal: 'point' },
      /line 2: 2 fields, and none/,
    );
    await refuses('x,y,l\n1,2,w\n3,a,w\n', { texts: ['l'] }, /line 3: no number for axis value 2/);
  });

  test('tells of a header by which nothing finds the features', async (t) => {
    const told: string[] = [];
    const fields = { onUnreadHeader: (header: string) => told.push(header) };
    await read(t, 'y,x\n1,2\n', { ...fields, axes: ['x', 'y'] });
    await read(t, 'y,x\n1,2\n', { ...fields, columns: [1, 0], decimal: 'point' });
    await read(t, '1,2\n', fields);
    assert.deepEqual(told, []);
    assert.deepEqual(await read(t, 'y,x\n1,2\n', fields), [{ values: [1, 2], texts: [] }]);
    await read(t, 'y,x,l\n1,2,w\n', { ...fields, texts: ['l'] });
    assert.deepEqual(told, ['y,x', 'y,x,l']);
  });
});
