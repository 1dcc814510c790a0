#include "bench/histogram.hpp"
#include "bench/scenario.hpp"
#include "tests/catch.hpp"

using namespace mcp::bench;

TEST_CASE("a histogram without values has none", "[bench]") {
  const histogram h;
  CHECK(h.count() == 0);
  CHECK(h.at(99) == 0);
  CHECK(h.mean() == 0);
}

TEST_CASE("percentiles are off by less than two percent", "[bench]") {
  histogram h;
  const std::uint64_t unit = GENERATE(1, 1000, 12'345'678);
  for (std::uint64_t i = 1; i <= 1000; ++i)
    h.record(i * unit);
  for (const double p : {1.0, 50.0, 90.0, 99.0, 99.9}) {
    CAPTURE(p, unit);
    CHECK(double(h.at(p)) == Approx(p * 10 * double(unit)).epsilon(0.02));
  }
  CHECK(h.at(100) == 1000 * unit);
  CHECK(h.max() == 1000 * unit);
  CHECK(h.mean() == Approx(500.5 * double(unit)));
}

TEST_CASE("histograms add up", "[bench]") {
  histogram a, b;
  a.record(10);
  b.record(30);
  b.record(1ull << 60); // longer than anybody waits
  a.add(b);
  CHECK(a.count() == 3);
  CHECK(a.at(34) == 30);
  CHECK(a.max() == 1ull << 60);
}

TEST_CASE("an answer is right for its own question alone", "[bench]") {
  const auto ping = question_named("ping");
  CHECK(wrong(R"({"jsonrpc":"2.0","id":7,"result":{}})", ping, 7) == nullptr);
  CHECK(wrong(R"({"jsonrpc":"2.0","id":71,"result":{}})", ping, 7));
  CHECK(wrong(R"({"jsonrpc":"2.0","id":7,"error":{}})", ping, 7));
  CHECK(wrong("", ping, 7));
  CHECK_THROWS(question_named("tennis"));
}

TEST_CASE("requests carry what their era asks for", "[bench]") {
  target to;
  const auto q = question_named("query");
  const auto with_session = request_writer(to, "key").ask(q, 5, "abc");
  CHECK(with_session.find("Mcp-Session-Id: abc\r\n") != with_session.npos);
  CHECK(with_session.find("bench-5") != with_session.npos);
  to.speaks = dialect::stateless;
  const auto alone = request_writer(to, "key").ask(q, 5, "");
  CHECK(alone.find("Mcp-Name: query_wandb_entity_projects\r\n") != alone.npos);
  CHECK(alone.find("protocolVersion\":\"2026-07-28\"") != alone.npos);
  CHECK(alone.find("Mcp-Session-Id") == alone.npos);
}
