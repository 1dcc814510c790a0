#include "protocol/mcp/event_log.hpp"
#include "tests/catch.hpp"

#include <set>
#include <string>

using namespace mcp;

namespace {

event_log::shared_text text(std::string s) {
  return std::make_shared<const std::string>(std::move(s));
}

/// The messages after `id`, or "gone".
std::vector<std::string> after(const event_log& log, std::string_view id) {
  const auto missed = log.replay(id);
  if (!missed)
    return {"gone"};
  std::vector<std::string> out;
  for (const auto& e : missed->events)
    out.push_back(*e.message);
  return out;
}

using texts = std::vector<std::string>;
const texts gone{"gone"};

} // namespace

TEST_CASE("a client gets what it missed of its own stream", "[protocol]") {
  event_log log;
  const auto a = log.open();
  const auto b = log.open();
  REQUIRE(a != b);
  const auto a1 = log.append(a, text("a1"));
  const auto b1 = log.append(b, text("b1"));
  const auto a2 = log.append(a, text("a2"));
  CHECK(after(log, log.start_id(a)) == texts{"a1", "a2"});
  CHECK(after(log, a1) == texts{"a2"});
  CHECK(after(log, a2).empty());
  CHECK(after(log, b1).empty());
  CHECK(after(log, log.start_id(b)) == texts{"b1"});
  // The ids of a replay are those of the first time.
  const auto missed = log.replay(a1);
  REQUIRE(missed.has_value());
  CHECK(missed->stream == a);
  CHECK(missed->events.at(0).id == a2);
  CHECK_FALSE(missed->finished);
  log.finish(a);
  CHECK(log.replay(a2)->finished);
}

TEST_CASE("event ids are visible ASCII and unique", "[protocol]") {
  event_log log({.max_events = 2, .max_bytes = 100, .max_streams = 2});
  std::set<std::string> seen;
  for (int i = 0; i < 5; ++i) {
    const auto s = log.open();
    for (int k = 0; k < 5; ++k) {
      const auto id = log.append(s, text("x"));
      CHECK(seen.insert(id).second);
      CHECK(id.size() <= 64);
      for (const char c : id)
        CHECK((c > 0x20 && c < 0x7F));
    }
    CHECK(seen.insert(log.start_id(s)).second);
  }
  // Also those of streams that are not there.
  CHECK(seen.insert(log.append(999, text("x"))).second);
  CHECK(seen.insert(log.append(999, text("x"))).second);
}

TEST_CASE("an id that is none of ours is gone", "[protocol]") {
  event_log log;
  event_log other;
  const auto s = log.open();
  const auto id = log.append(s, text("x"));
  const auto foreign = other.append(other.open(), text("y"));
  CHECK(id != foreign);
  CHECK(after(log, foreign) == gone);
  for (const auto& bad :
       {std::string(), std::string("1"), std::string("1-1"),
        std::string("a-b-c"), id + "0", id + "-", id + " ", "0" + id,
        id.substr(1), id.substr(0, id.size() - 1), std::string(1000, '9'),
        id.substr(0, id.rfind('-')) + "-18446744073709551615",
        id.substr(0, id.rfind('-')) + "-99999999999999999999"}) {
    CAPTURE(bad);
    CHECK(after(log, bad) == gone);
  }
}

TEST_CASE("the oldest messages of all streams make room", "[protocol]") {
  event_log log({.max_events = 3, .max_bytes = 1000, .max_streams = 9});
  const auto a = log.open();
  const auto b = log.open();
  const auto a1 = log.append(a, text("a1"));
  const auto b1 = log.append(b, text("b1"));
  const auto a2 = log.append(a, text("a2"));
  log.append(b, text("b2"));
  CHECK(log.events() == 3);
  CHECK(after(log, log.start_id(a)) == gone); // a1 would be missing
  CHECK(after(log, a1) == texts{"a2"});
  CHECK(after(log, log.start_id(b)) == texts{"b1", "b2"});
  log.append(b, text("b3"));
  log.append(b, text("b4"));
  CHECK(after(log, a1) == gone);
  CHECK(after(log, a2).empty());
  CHECK(after(log, b1) == texts{"b2", "b3", "b4"});
  CHECK(after(log, log.start_id(b)) == gone);
}

TEST_CASE("bytes are bounded too", "[protocol]") {
  event_log log({.max_events = 100, .max_bytes = 10, .max_streams = 9});
  const auto s = log.open();
  const auto first = log.append(s, text("123456"));
  const auto second = log.append(s, text("abcdef"));
  CHECK(log.bytes() == 6);
  CHECK(after(log, first) == texts{"abcdef"});
  // One that fits nowhere leaves nothing that could be told in full.
  const auto huge = log.append(s, text(std::string(11, 'x')));
  CHECK(log.bytes() == 0);
  CHECK(after(log, second) == gone);
  CHECK(after(log, huge).empty());
  log.append(s, text("z"));
  CHECK(after(log, huge) == texts{"z"});
}

TEST_CASE("a stream is forgotten when its client has it", "[protocol]") {
  event_log log;
  const auto s = log.open();
  const auto one = log.append(s, text("1"));
  const auto two = log.append(s, text("2"));
  const auto three = log.append(s, text("3"));
  log.acknowledge(two);
  CHECK(log.events() == 1);
  CHECK(log.bytes() == 1);
  CHECK(after(log, one) == gone);
  CHECK(after(log, two) == texts{"3"});
  log.acknowledge(one); // an old one changes nothing
  CHECK(after(log, two) == texts{"3"});
  log.finish(s);
  CHECK(after(log, two) == texts{"3"});
  CHECK(log.append(s, text("late")) != three);
  CHECK(after(log, three).empty());
  log.acknowledge(three);
  CHECK(log.streams() == 0);
  CHECK(log.events() == 0);
  CHECK(log.bytes() == 0);
  CHECK(after(log, three) == gone);
  log.acknowledge("nonsense");
  log.finish(s);
  log.drop(s);
}

TEST_CASE("a dropped stream leaves the others", "[protocol]") {
  event_log log;
  const auto a = log.open();
  const auto b = log.open();
  const auto a1 = log.append(a, text("a1"));
  log.append(b, text("b1"));
  log.drop(a);
  CHECK(after(log, a1) == gone);
  CHECK(after(log, log.start_id(b)) == texts{"b1"});
  CHECK(log.events() == 1);
  CHECK(log.bytes() == 2);
}

TEST_CASE("too many streams push out a finished one, else the oldest",
          "[protocol]") {
  event_log log({.max_events = 9, .max_bytes = 1000, .max_streams = 2});
  const auto a = log.open();
  const auto b = log.open();
  log.finish(b);
  const auto c = log.open();
  CHECK(log.streams() == 2);
  CHECK(after(log, log.start_id(a)).empty());
  CHECK(after(log, log.start_id(b)) == gone);
  log.open();
  CHECK(after(log, log.start_id(a)) == gone);
  CHECK(after(log, log.start_id(c)).empty());
}
