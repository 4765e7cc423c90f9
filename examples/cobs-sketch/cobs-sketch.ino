// Sends each sample as a frame that the decoder `cobs` of lstmd reads: a sequence number, a float32
// for each axis and a CRC-16, little-endian, in COBS, with a zero behind it. docs/sensors.md has the format.
const int kAxes = 3;
const unsigned long kPeriodUs = 10000;  // 100 Hz

struct __attribute__((packed)) Frame {
  uint16_t sequence;
  float readings[kAxes];
  uint16_t crc;
} frame;

uint16_t Crc16(const uint8_t* bytes, size_t count) {
  uint16_t crc = 0xFFFF;
  while (count--) {
    crc ^= (uint16_t)*bytes++ << 8;
    for (int bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  }
  return crc;
}

void Send() {
  const uint8_t* bytes = (const uint8_t*)&frame;
  frame.crc = Crc16(bytes, sizeof frame - 2);
  uint8_t out[sizeof frame + 2] = {0};  // up to 254 bytes
  size_t code = 0, end = 1;
  for (size_t i = 0; i < sizeof frame; i++) {
    if (bytes[i] != 0) {
      out[end++] = bytes[i];
    } else {
      out[code] = end - code;
      code = end++;
    }
  }
  out[code] = end - code;
  out[end++] = 0;
  Serial.write(out, end);
  frame.sequence++;
}

void setup() { Serial.begin(115200); }

void loop() {
  static unsigned long next = micros();
  if ((long)(micros() - next) < 0) return;
  next += kPeriodUs;
  for (int axis = 0; axis < kAxes; axis++) frame.readings[axis] = analogRead(A0 + axis);
  Send();
}
