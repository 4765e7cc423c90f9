// kernel-test [NAME ...]   runs the tests of these names, or all.
// kernel-test --part N/M   runs every M-th test from the N-th on, so that M processes run all.
#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string_view>
#include <vector>

#include "test.h"

int main(int count, char** arguments) {
  std::vector<std::string_view> names(arguments + 1, arguments + count);
  std::size_t part = 1;
  std::size_t parts = 1;
  if (names.size() == 2 && names[0] == "--part") {
    if (std::sscanf(arguments[2], "%zu/%zu", &part, &parts) != 2 || part < 1 || part > parts) {
      std::fprintf(stderr, "kernel-test: --part takes N/M\n");
      return 64;
    }
    names.clear();
  }
  bool has_run = false;
  std::size_t index = 0;
  for (const lstmd::test::Test& test : lstmd::test::Tests()) {
    index += 1;
    if (index % parts != part % parts) continue;
    if (!names.empty() && std::find(names.begin(), names.end(), test.name) == names.end()) continue;
    std::printf("%s\n", test.name);
    std::fflush(stdout);
    test.run();
    has_run = true;
  }
  return has_run ? 0 : 1;
}
