/*
 * The floor: lines of a tty to a broker over MQTT 3.1.1 at QoS 1, in as few instructions as that takes. No model, no
 * state, no second attempt. Arguments: the port, the broker's port on 127.0.0.1, the topic.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static int PutLength(unsigned char* out, int length) {
  int n = 0;
  do {
    out[n] = (unsigned char)(length % 128);
    length /= 128;
    if (length > 0) out[n] |= 128;
    n += 1;
  } while (length > 0);
  return n;
}

int main(int argc, char** argv) {
  if (argc < 4) return 64;
  const char* topic = argv[3];
  const int topic_length = (int)strlen(topic);
  int tty = open(argv[1], O_RDWR | O_NOCTTY);
  struct termios line;
  if (tty < 0 || tcgetattr(tty, &line) != 0) return 66;
  cfmakeraw(&line);
  tcsetattr(tty, TCSANOW, &line);
  int broker = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[2]))};
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  if (connect(broker, (struct sockaddr*)&address, sizeof address) != 0) return 69;
  int on = 1;
  setsockopt(broker, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const unsigned char hello[] = {0x10, 17, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0, 0, 5, 'f', 'l', 'o', 'o', 'r'};
  if (write(broker, hello, sizeof hello) != (ssize_t)sizeof hello) return 69;
  static char bytes[8192];
  static unsigned char out[1 << 20];
  static unsigned char answers[65536];
  int held = 0;
  long seq = 0;
  struct pollfd ends[2] = {{tty, POLLIN, 0}, {broker, POLLIN, 0}};
  for (;;) {
    if (poll(ends, 2, -1) < 0) return 1;
    if (ends[1].revents != 0 && read(broker, answers, sizeof answers) <= 0) return 0;
    if (ends[0].revents == 0) continue;
    ssize_t got = read(tty, bytes + held, sizeof bytes - (size_t)held);
    if (got <= 0) return 0;
    held += (int)got;
    int begin = 0;
    int length = 0;
    for (int i = 0; i < held; i += 1) {
      if (bytes[i] != '\n') continue;
      double x;
      double y;
      double z;
      bytes[i] = 0;
      if (sscanf(bytes + begin, "%lf,%lf,%lf", &x, &y, &z) == 3) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        char text[160];
        seq += 1;
        int size = snprintf(text, sizeof text, "{\"ts\":%ld,\"seq\":%ld,\"values\":[%g,%g,%g]}",
                            now.tv_sec * 1000 + now.tv_nsec / 1000000, seq, x, y, z);
        out[length++] = 0x32;
        length += PutLength(out + length, 4 + topic_length + size);
        out[length++] = (unsigned char)(topic_length >> 8);
        out[length++] = (unsigned char)topic_length;
        memcpy(out + length, topic, (size_t)topic_length);
        length += topic_length;
        int id = (int)(seq % 65535) + 1;
        out[length++] = (unsigned char)(id >> 8);
        out[length++] = (unsigned char)id;
        memcpy(out + length, text, (size_t)size);
        length += size;
      }
      begin = i + 1;
    }
    memmove(bytes, bytes + begin, (size_t)(held - begin));
    held -= begin;
    if (length > 0 && write(broker, out, (size_t)length) != length) return 69;
  }
}
