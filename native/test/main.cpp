#include <cstdio>

#include "test.h"

int main() {
  for (const lstmd::test::Test& test : lstmd::test::Tests()) {
    std::printf("%s\n", test.name);
    std::fflush(stdout);
    test.run();
  }
  return lstmd::test::Tests().empty() ? 1 : 0;
}
