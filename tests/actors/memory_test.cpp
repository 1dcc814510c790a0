#include "tests/actors/front.hpp"

#include <functional>
#include <malloc.h>

namespace mcp {
namespace {

using namespace testing;

/// Bytes that are still in use of what `step` took, each time it ran.
std::size_t kept_by(const std::function<void()>& step) {
  constexpr int times = 500;
  for (int i = 0; i < 100; ++i) // tables find their size
    step();
  const auto before = mallinfo2().uordblks;
  for (int i = 0; i < times; ++i)
    step();
  const auto after = mallinfo2().uordblks;
  return after > before ? (after - before) / times : 0;
}

const std::string echo_call =
  R"({"jsonrpc":"2.0","id":1,"method":"tools/call",)"
  R"("params":{"name":"echo","arguments":{"say":"x"}}})";

} // namespace

// An actor that watches another one is kept by it, as memory, until it stops
// watching: what lives short must not be watched from what lives long for good.

TEST_CASE("a session keeps nothing of calls that ended", "[actors]") {
  front w;
  const auto id = w.open();
  CHECK(kept_by([&] { REQUIRE(w.post(echo_call, id)->status() == 200); })
        < 100);
}

TEST_CASE("a connection keeps nothing of calls that ended", "[actors]") {
  front w;
  CHECK(kept_by([&] {
          REQUIRE(w.ask(lone_call("echo", {{"say", "x"}}))->status() == 200);
        })
        < 100);
}

TEST_CASE("a session keeps nothing of connections that ended", "[actors]") {
  front w;
  const auto id = w.open();
  CHECK(kept_by([&] {
          w.actor = w.system.spawn(connection, std::uint64_t{1}, w.services);
          REQUIRE(w.post(echo_call, id)->status() == 200);
          caf::anon_send(w.actor, closed_atom_v);
          w.run();
        })
        < 100);
}

} // namespace mcp
