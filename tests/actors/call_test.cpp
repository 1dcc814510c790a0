#include "actors/call.hpp"
#include "tests/actors/world.hpp"

#include <string>

using namespace mcp;
using namespace mcp::testing;

namespace {

/// Reads, then writes for at most five seconds when asked to be quick, and says
/// how that went.
task<tools::tool_result> run_write(tools::call_context& c,
                                   tools::arguments args) {
  upstream_request read;
  read.path = "/graphql";
  co_await c.fetch(std::move(read));
  upstream_request write;
  write.path = "/graphql";
  write.read = false;
  if (args.flag("quick"))
    write.at_most = 5s;
  std::string outcome = "done";
  try {
    co_await c.fetch(std::move(write));
  } catch (const failure_exception& e) {
    outcome = to_string(e.reason.code);
  }
  co_return tools::tool_result{.structured = {{"outcome", outcome}}};
}

const tools::tool write_tool{
  .name = "write",
  .title = "Write",
  .description = "Reads once and writes once.",
  .input_schema = R"({"type":"object","properties":{
    "quick":{"type":"boolean","default":false}}})",
  .output_schema = R"({"type":"object"})",
  .hints = {.read_only = false, .idempotent = false},
  .budget = 20s,
  .run = run_write,
};

/// One call of `write_tool` and whoever hears of it.
struct writing : world {
  tools::catalog catalog{std::vector<const tools::tool*>{&write_tool}};
  std::shared_ptr<std::vector<call_news>> news =
    std::make_shared<std::vector<call_news>>();
  call_actor actor;

  explicit writing(bool quick) {
    auto order = std::make_shared<call_order>();
    order->client = spawn(wandb_client, secret(alice_key),
                          std::make_shared<upstream_options>(), &gateway);
    order->plan =
      catalog
        .plan("tools/call",
              {{"name", "write"}, {"arguments", {{"quick", quick}}}},
              newest_version)
        .value();
    spawn(
      [this, order](call_owner_actor::pointer me,
                    int) -> call_owner_actor::behavior_type {
        order->owner = me;
        auto begun =
          begin_call(me, order, std::make_shared<const tools::call_limits>());
        *news = std::move(begun.told);
        actor = begun.actor;
        return {[log = news](const call_news& n) { log->push_back(n); },
                [](const call_asks&) {}};
      },
      nothing);
    run();
  }

  std::string outcome() const {
    REQUIRE(news->size() == 1);
    return news->front().outcome;
  }
};

} // namespace

TEST_CASE("a call that ends with a write open does not know its outcome",
          "[actors]") {
  writing w(false);
  w.gateway.answer(0, "{}");
  w.run();
  REQUIRE(w.gateway.sent.size() == 2);
  caf::anon_send(w.actor, alarm_atom_v);
  w.run();
  CHECK(w.outcome() == "outcome_unknown");
  CHECK(w.gateway.sent[1].cancelled);
}

TEST_CASE("a call that ends before its write wrote nothing", "[actors]") {
  writing w(false);
  caf::anon_send(w.actor, alarm_atom_v);
  w.run();
  CHECK(w.outcome() == "upstream_timeout");
}

TEST_CASE("a request may have less time than its call", "[actors]") {
  const auto [quick, given] = GENERATE(
    table<bool, std::chrono::milliseconds>({{true, 5s}, {false, 20s}}));
  writing w(quick);
  CHECK(w.gateway.sent[0].transfer.deadline == 20s);
  w.gateway.answer(0, "{}");
  w.run();
  REQUIRE(w.gateway.sent.size() == 2);
  CHECK(w.gateway.sent[1].transfer.deadline == given);
  net::http_outcome late;
  late.end = net::transfer_end::timed_out;
  late.request_sent = true;
  w.gateway.finish(1, std::move(late));
  w.run();
  CHECK(w.outcome() == "ok");
  CHECK(w.news->front().text->find("outcome_unknown") != std::string::npos);
}
