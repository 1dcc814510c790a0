#include "actors/caf.hpp"
#include "actors/runtime.hpp"
#include "tests/catch.hpp"

#include <atomic>

namespace mcp {
namespace {

MCP_ATOM(leave);

caf::behavior guest(caf::event_based_actor* self, std::atomic<int>* left) {
  return {[self, left](leave_atom) {
    ++*left;
    self->quit();
  }};
}

} // namespace

// An actor counts as ended before its last step is over.
TEST_CASE("a runtime ends only when its actors' last steps are over",
          "[actors]") {
  constexpr int actors = 64;
  std::atomic<int> left{0};
  for (int round = 0; round < 100; ++round) {
    left = 0;
    {
      runtime threads(2, {});
      for (int i = 0; i < actors; ++i)
        caf::anon_send(threads.system().spawn(guest, &left), leave_atom_v);
    }
    CHECK(left == actors);
  }
}

} // namespace mcp
