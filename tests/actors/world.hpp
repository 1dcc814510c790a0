#pragma once

// A world in which actors run only when told and time is ours: CAF's testing
// scheduler, a scripted upstream, and recorders in place of clients.

#include "actors/connection.hpp"
#include "actors/session.hpp"
#include "actors/session_directory.hpp"
#include "actors/wandb_client.hpp"
#include "actors/wandb_client_pool.hpp"
#include "tests/catch.hpp"
#include "tools/catalog.hpp"
#include "tools/guide.hpp"

#include <caf/scheduler/test_coordinator.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace mcp::testing {

using namespace std::chrono_literals;

inline const std::string alice_key(40, 'a');
inline const std::string bob_key(40, 'b');

/// Upstream HTTP by hand: a test sees what was sent and answers it.
class scripted_gateway : public upstream_gateway {
public:
  struct started {
    net::http_transfer transfer;
    std::function<void(net::http_outcome)> on_done;
    bool cancelled = false;
    bool answered = false;
  };

  std::uint64_t start(net::http_transfer transfer,
                      std::function<void(net::http_outcome)> on_done) override {
    sent.push_back({std::move(transfer), std::move(on_done)});
    return sent.size();
  }
  void cancel(std::uint64_t id) override { sent.at(id - 1).cancelled = true; }

  void answer(std::size_t i, std::string body, int status = 200) {
    net::http_outcome o;
    o.status = status;
    // As the HTTP client asks for each chunk.
    const auto& allowed = sent.at(i).transfer.may_collect;
    if (!allowed || allowed(body.size()))
      o.body = std::move(body);
    else
      o.end = net::transfer_end::too_large;
    finish(i, std::move(o));
  }
  void finish(std::size_t i, net::http_outcome o) {
    sent.at(i).answered = true;
    sent.at(i).on_done(std::move(o));
  }
  void fail(std::size_t i, net::transfer_end end) {
    net::http_outcome o;
    o.end = end;
    o.status = end == net::transfer_end::stopped ? 200 : 0;
    finish(i, std::move(o));
  }

  std::vector<started> sent;
};

class world {
public:
  world() : system(config()), scheduler(scheduler_of(system)) {}
  ~world() {
    // Whatever still lives ends here; without it the system waits for it.
    for (const auto& a : mine_)
      caf::anon_send_exit(a, caf::exit_reason::kill);
    run();
  }

  void run() { scheduler.run(); }
  void advance(clock::duration d) {
    scheduler.advance_time(d);
    run();
  }

  /// Given to function-based actors that need no argument: CAF 0.17 binds a
  /// reference to a null pointer for those without any
  /// (init_fun_factory.hpp:93; never read), which UBSan rightly reports.
  static constexpr int nothing = 0;

  /// Spawns an actor that ends with the world.
  template <class... Ts>
  auto spawn(Ts&&... xs) {
    auto actor = system.spawn(std::forward<Ts>(xs)...);
    mine_.push_back(caf::actor_cast<caf::actor>(actor));
    return actor;
  }

  /// An actor that writes down what it gets.
  std::pair<peer_actor, std::shared_ptr<std::vector<outbound>>> peer() {
    auto log = std::make_shared<std::vector<outbound>>();
    auto actor = spawn(
      [log](peer_actor::pointer, int) -> peer_actor::behavior_type {
        return {[log](const outbound& o) { log->push_back(o); }};
      },
      nothing);
    return {actor, log};
  }
  std::pair<fetcher_actor, std::shared_ptr<std::vector<fetch_reply>>>
  fetcher() {
    auto log = std::make_shared<std::vector<fetch_reply>>();
    auto actor = spawn(
      [log](fetcher_actor::pointer, int) -> fetcher_actor::behavior_type {
        return {[log](const fetch_reply& r) { log->push_back(r); }};
      },
      nothing);
    return {actor, log};
  }

  clock::time_point now() { return scheduler.clock().now(); }

  caf::actor_system_config configuration_;
  caf::actor_system system;
  caf::scheduler::test_coordinator& scheduler;
  scripted_gateway gateway;

private:
  caf::actor_system_config& config() {
    configuration_.set("scheduler.policy", caf::atom("testing"));
    return configuration_;
  }
  static caf::scheduler::test_coordinator&
  scheduler_of(caf::actor_system& system) {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  }
  std::vector<caf::actor> mine_;
};

// --- tools for tests
// -----------------------------------------------------------

inline task<tools::tool_result> run_echo(tools::call_context&,
                                         tools::arguments args) {
  co_return tools::tool_result{.structured = {{"said", args.text("say")}}};
}
inline task<tools::tool_result> run_fetch(tools::call_context& c,
                                          tools::arguments) {
  c.progress(0, 1, "asking");
  upstream_request request;
  request.path = "/graphql";
  request.body = "{}";
  const auto reply = co_await c.fetch(std::move(request));
  co_return tools::tool_result{.structured = {{"got", *reply.body}}};
}
inline task<tools::tool_result> run_bug(tools::call_context&,
                                        tools::arguments) {
  throw std::logic_error("a bug with secrets in its text");
  co_return tools::tool_result{};
}

/// Asks its user for a name.
inline task<tools::tool_result> run_ask(tools::call_context& c,
                                        tools::arguments) {
  c.log(log_level::info, "asking");
  input_requests questions;
  questions.emplace_back(
    "name", elicit_form("Your name?",
                        {{"type", "object"},
                         {"properties", {{"name", {{"type", "string"}}}}}}));
  const auto answers = co_await c.ask(std::move(questions));
  co_return tools::tool_result{.structured = {{"answers", answers}}};
}
/// Lets its client go, and is done a while later.
inline task<tools::tool_result> run_later(tools::call_context& c,
                                          tools::arguments) {
  c.let_go();
  co_await c.pause(5s);
  co_return tools::tool_result{.structured = {{"done", true}}};
}

/// Says that something changed.
inline task<tools::tool_result> run_change(tools::call_context& c,
                                           tools::arguments args) {
  c.changed(args.text("what"));
  co_return tools::tool_result{.structured = {{"done", true}}};
}
/// Is done after a while, or fails.
inline task<tools::tool_result> run_slow(tools::call_context& c,
                                         tools::arguments args) {
  c.progress(0, 1, "warming up");
  co_await c.pause(std::chrono::seconds(args.integer("seconds")));
  if (args.flag("ask"))
    co_return co_await run_ask(c, std::move(args));
  if (args.flag("fail"))
    throw tools::request_refused(-32603, "it broke");
  co_return tools::tool_result{.structured = {{"done", true}}};
}
/// Needs the client's model.
inline task<tools::tool_result> run_needy(tools::call_context& c,
                                          tools::arguments) {
  tools::require_client(c, create_message({}));
  co_return tools::tool_result{.structured = {{"done", true}}};
}

inline const tools::tool echo_tool{
  .name = "echo",
  .title = "Echo",
  .description = "Says it again.",
  .input_schema = R"({"type":"object","required":["say"],
                      "properties":{"say":{"type":"string"}}})",
  .output_schema = R"({"type":"object"})",
  .run = run_echo,
};
inline const tools::tool fetch_tool{
  .name = "fetch",
  .title = "Fetch",
  .description = "Asks upstream once.",
  .input_schema = R"({"type":"object","properties":{}})",
  .output_schema = R"({"type":"object"})",
  .budget = 20s,
  .run = run_fetch,
};
inline const tools::tool bug_tool{
  .name = "bug",
  .title = "Bug",
  .description = "Fails.",
  .input_schema = R"({"type":"object","properties":{}})",
  .output_schema = R"({"type":"object"})",
  .run = run_bug,
};

inline const tools::tool ask_tool{
  .name = "ask",
  .title = "Ask",
  .description = "Asks the user.",
  .input_schema = R"({"type":"object","properties":{}})",
  .output_schema = R"({"type":"object"})",
  .run = run_ask,
};
inline const tools::tool later_tool{
  .name = "later",
  .title = "Later",
  .description = "Lets the client go.",
  .input_schema = R"({"type":"object","properties":{}})",
  .output_schema = R"({"type":"object"})",
  .run = run_later,
};

inline const tools::tool change_tool{
  .name = "change",
  .title = "Change",
  .description = "Changes something.",
  .input_schema = R"({"type":"object","required":["what"],
                      "properties":{"what":{"type":"string"}}})",
  .output_schema = R"({"type":"object"})",
  .run = run_change,
};
inline const tools::tool slow_tool{
  .name = "slow",
  .title = "Slow",
  .description = "Takes its time.",
  .input_schema = R"({"type":"object","required":["seconds"],"properties":{
                      "seconds":{"type":"integer"},
                      "ask":{"type":"boolean","default":false},
                      "fail":{"type":"boolean","default":false}}})",
  .output_schema = R"({"type":"object"})",
  .tasks = tools::task_support::optional,
  .run = run_slow,
};
inline const tools::tool job_tool{
  .name = "job",
  .title = "Job",
  .description = "Runs as a task.",
  .input_schema = R"({"type":"object","properties":{}})",
  .output_schema = R"({"type":"object"})",
  .tasks = tools::task_support::required,
  .run = run_later,
};
inline const tools::tool needy_tool{
  .name = "needy",
  .title = "Needy",
  .description = "Needs the client's model.",
  .input_schema = R"({"type":"object","properties":{}})",
  .output_schema = R"({"type":"object"})",
  .run = run_needy,
};
inline const tools::tool marked_tool{
  .name = "marked",
  .title = "Marked",
  .description = "Wants an argument in a header.",
  .input_schema = R"({"type":"object","required":["say"],"properties":{
                      "say":{"type":"string","x-mcp-header":"Say"}}})",
  .output_schema = R"({"type":"object"})",
  .run = run_echo,
};

inline std::shared_ptr<session_services> services_for_tests() {
  auto s = std::make_shared<session_services>();
  s->catalog = std::make_shared<tools::catalog>(tools::offer{
    .tools = {&echo_tool, &fetch_tool, &bug_tool, &ask_tool, &later_tool,
              &change_tool, &slow_tool, &job_tool, &needy_tool, &marked_tool},
    .prompts = {&tools::wandb_guide},
    .resources = tools::guide_resources()});
  s->features = {.tools_changed = true,
                 .prompts = true,
                 .resources = true,
                 .resources_subscribe = true,
                 .logging = true,
                 .completions = true,
                 .extensions = {{tasks_extension, boost::json::object{}}}};
  // Answers here are about bytes on connections, not about models' contexts.
  tools::call_limits limits;
  limits.max_response_tokens = 1'000'000;
  s->limits = std::make_shared<tools::call_limits>(limits);
  s->max_calls = 4;
  return s;
}

} // namespace mcp::testing
