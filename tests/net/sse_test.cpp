#include "net/sse.hpp"
#include "tests/catch.hpp"

using namespace mcp::net;

TEST_CASE("an event has a data line per line of its data", "[net]") {
  struct row {
    std::string_view data, id, event, wire;
  };
  const auto r = GENERATE(values<row>({
    {"x", "", "", "data: x\n\n"},
    {"", "", "", "data: \n\n"},
    {"{\"a\":1}", "7-1", "", "id: 7-1\ndata: {\"a\":1}\n\n"},
    {"x", "1", "message", "id: 1\nevent: message\ndata: x\n\n"},
    {"a\nb", "", "", "data: a\ndata: b\n\n"},
    {"a\r\nb\rc", "", "", "data: a\ndata: b\ndata: c\n\n"},
    {"a\n", "", "", "data: a\ndata: \n\n"},
    {"\n\n", "", "", "data: \ndata: \ndata: \n\n"},
  }));
  CAPTURE(r.data);
  CHECK(sse_event(r.data, r.id, r.event) == r.wire);
}

TEST_CASE("the keep-alive is a comment and no event", "[net]") {
  CHECK(sse_keep_alive().front() == ':');
  CHECK(sse_keep_alive().ends_with("\n\n"));
}
