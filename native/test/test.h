// A test is a function that registers itself; CHECK stops the run and says where.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <vector>

namespace lstmd::test {

struct Test {
  const char* name;
  void (*run)();
};

inline std::vector<Test>& Tests() {
  static std::vector<Test> tests;
  return tests;
}

struct Registration {
  Registration(const char* name, void (*run)()) { Tests().push_back({name, run}); }
};

/// Returns whether sweeps run whole: with LSTMD_LONG set, as in `npm run test:kernel`. Else each of
/// them runs a part in which every value of every dimension still stands; what is left out are
/// combinations.
inline bool IsLong() { return std::getenv("LSTMD_LONG") != nullptr; }

/// Whether sweeps are shorter still, because an emulated step takes many times as long: the code
/// that reads and refuses programs is the same that the sanitizers watch on this machine, and no
/// vector is as wide as here.
inline bool IsEmulated() {
#ifdef LSTMD_EMULATED
  return !IsLong();
#else
  return false;
#endif
}

}  // namespace lstmd::test

#define TEST(name)                                                          \
  static void name();                                                       \
  static const lstmd::test::Registration registration_##name(#name, &name); \
  static void name()

/// CHECK(condition, printf format and arguments that say what was seen)
#define CHECK(condition, ...)                                              \
  do {                                                                     \
    if (!(condition)) {                                                    \
      std::fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition); \
      std::fprintf(stderr, __VA_ARGS__);                                   \
      std::fprintf(stderr, "\n");                                          \
      std::exit(1);                                                        \
    }                                                                      \
  } while (false)
