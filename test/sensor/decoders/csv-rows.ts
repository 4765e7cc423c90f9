import type { CsvOptions } from '#src/sensor/decoders/csv-options.js';
import { xyz } from './csv-recorder.js';
import type { DecodedEvent } from './recorder.js';

/** Text that sensors send, and the rows in it. */
export const readRows: readonly (readonly [
  what: string,
  text: string,
  events: DecodedEvent[],
  options?: CsvOptions,
])[] = [
  ['commas', '1,2,3\n', [[1, 2, 3]]],
  ['CRLF', '-276,   -85,  -309\r\n', [[-276, -85, -309]]],
  [
    'CR alone as line end',
    '1,2,3\r4,5,6\r7,8,9\r',
    [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ],
  ],
  ['semicolons', '1;2;3\n', [[1, 2, 3]]],
  ['tabs', '1\t2\t3\n', [[1, 2, 3]]],
  ['runs of spaces', '  1   -2 3 \n', [[1, -2, 3]]],
  ['comma and space', '1.5, -2.25, +3e2\n', [[1.5, -2.25, 300]]],
  ['decimal commas between semicolons', '1,5;-2,25;3\n', [[1.5, -2.25, 3]]],
  ['decimal commas between tabs', '1,5\t-2,25\t0,125\n', [[1.5, -2.25, 0.125]]],
  [
    'a separator at the end',
    '1,2,3,\n4;5;6;\n7\t8\t9\t\n',
    [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ],
  ],
  [
    'a NUL from power-up',
    '\0\x001,2,3\n1,\0 2,3\0\n',
    [
      [1, 2, 3],
      [1, 2, 3],
    ],
  ],
  ['short forms', '.5,5.,-.25\n', [[0.5, 5, -0.25]]],
  ['one axis', '42\n', [[42]], { axes: ['force'] }],
  ['columns', '9,1,2.5,3,8\n', [[2.5, 3, 1]], { axes: ['a', 'b', 'c'], columns: [2, 3, 1] }],
  [
    'a label in an unused column',
    'a/g:\t1\t2\t3\t4\t5\t6\r\n',
    [[1, 2, 3]],
    { ...xyz, columns: [1, 2, 3] },
  ],
  [
    'a header that names the axes',
    'rtcTime,aX,aY,aZ,gX,\n06:40:26.26,5.25,-911.5,-18,9,\n',
    [[5.25, -911.5, -18]],
    { axes: ['ax', 'ay', 'az'] },
  ],
  [
    'names beside the numbers, as the Arduino plotter has them',
    'x:1,y:2,z:3\ny:5\tx:4\tz:6.5\r\n',
    [
      [1, 2, 3],
      [4, 5, 6.5],
    ],
  ],
  [
    'names as people print them, with units and further numbers',
    'X: 1 Y: -2 Z: 3\nAccel X: 0.25 m/s^2, accY = .5 m/s^2, Temp: 21, acc_z: 3 m/s^2\n',
    [
      [1, -2, 3],
      [0.25, 0.5, 3],
    ],
  ],
  [
    'the raw readings of i2cdevlib',
    'a/g:\t-1\t2\t16384\t4\t5\t6\r\na/g:\t7\t8\t9\t4\t5\t6\r\n',
    [
      [-1, 2, 16384],
      [7, 8, 9],
    ],
  ],
  [
    'an OpenLog Artemis',
    'rtcDate,rtcTime,aX,aY,aZ,gX,gY,gZ,imu_degC,\r\n01/06/2022,06:40:26.26,5.22,-911.13,-18.07,-424.32,24.82,1,157,\r\n',
    [[5.22, -911.13, -18.07].map(Math.fround)],
  ],
  [
    'the accelerometer of a header with more',
    'gx,gy,gz,accX,accY,accZ\n1,2,3,4,5,6\n',
    [[4, 5, 6]],
  ],
  ['another separator', '1|2,5|3\n', [[1, 2.5, 3]], { ...xyz, separator: '|' }],
  [
    'a line with the checksum of NMEA',
    '$ACC,1,2,3*5D\r\n$ACC,4,5,6\r\n',
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
  ],
  [
    'the rows behind a prefix',
    'Acceleration X: 1, Y: 2, Z: 3 m/s^2\nRotation X: 4, Y: 5, Z: 6 rad/s\n',
    [[1, 2, 3]],
    { ...xyz, prefix: 'Acceleration ' },
  ],
  [
    'forty fields',
    `${Array.from({ length: 40 }, (_, n) => n).join('|')}\n`,
    [[0, 17, 39]],
    { ...xyz, columns: [0, 17, 39], separator: '|' },
  ],
  ['a header in another order', '"Z";"Y";"X"\n1;2;3\n', [[3, 2, 1]]],
];
