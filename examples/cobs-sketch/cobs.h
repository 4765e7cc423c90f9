// The frames of lstmd's decoder `cobs` in C, for a board without Arduino: docs/sensors.md has the format.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define COBS_FRAME_BYTES(axes) ((axes) * 4 + 6)

static uint16_t cobs_crc16(const uint8_t* bytes, size_t count) {
  uint16_t crc = 0xFFFF;
  while (count--) {
    crc ^= (uint16_t)(*bytes++ << 8);
    for (int bit = 0; bit < 8; bit++) {
      crc = (uint16_t)((crc & 0x8000) ? (crc << 1) ^ 0x1021 : crc << 1);
    }
  }
  return crc;
}

// Writes the frame of a row to `out`, which has room for COBS_FRAME_BYTES(axes) bytes, and returns its
// length. At most 62 axes; the machine is little-endian, as all common microcontrollers are.
static size_t cobs_frame(uint16_t sequence, const float* readings, size_t axes, uint8_t* out) {
  uint8_t data[62 * 4 + 4];
  size_t count = 2 + axes * 4;
  memcpy(data, &sequence, 2);
  memcpy(data + 2, readings, axes * 4);
  uint16_t crc = cobs_crc16(data, count);
  memcpy(data + count, &crc, 2);
  count += 2;
  size_t code = 0, end = 1;
  for (size_t i = 0; i < count; i++) {
    if (data[i] != 0) {
      out[end++] = data[i];
    } else {
      out[code] = (uint8_t)(end - code);
      code = end++;
    }
  }
  out[code] = (uint8_t)(end - code);
  out[end++] = 0;
  return end;
}
