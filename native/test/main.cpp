// kernel-test [NAME ...]   runs the tests of these names, or all.
#include <algorithm>
#include <cstdio>
#include <string_view>
#include <vector>

#include "test.h"

int main(int count, char** arguments) {
  const std::vector<std::string_view> names(arguments + 1, arguments + count);
  bool has_run = false;
  for (const lstmd::test::Test& test : lstmd::test::Tests()) {
    if (!names.empty() && std::find(names.begin(), names.end(), test.name) == names.end()) continue;
    std::printf("%s\n", test.name);
    std::fflush(stdout);
    test.run();
    has_run = true;
  }
  return has_run ? 0 : 1;
}
