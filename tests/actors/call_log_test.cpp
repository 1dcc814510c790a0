#include "actors/upstream_outcome.hpp"
#include "actors/refusal_log.hpp"
#include "tests/actors/front.hpp"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>
#include <string>

using namespace mcp;
using namespace mcp::testing;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

/// What is logged while it lives, a line each: "info call tool=...".
class log_lines {
public:
  log_lines() : before_(spdlog::default_logger()) {
    auto mine = std::make_shared<spdlog::logger>(
      "test", std::make_shared<spdlog::sinks::ostream_sink_st>(text_));
    mine->set_pattern("%l %v");
    spdlog::set_default_logger(std::move(mine));
  }
  ~log_lines() { spdlog::set_default_logger(before_); }

  std::string all() const { return text_.str(); }
  /// The first line that holds `part`; empty: there is none.
  std::string line(const std::string& part) const {
    std::istringstream in(text_.str());
    for (std::string one; std::getline(in, one);)
      if (one.find(part) != one.npos)
        return one;
    return {};
  }

private:
  std::shared_ptr<spdlog::logger> before_;
  std::ostringstream text_;
};

net::http_outcome ended(net::transfer_end end, bool sent = true,
                        bool refused = false) {
  net::http_outcome o;
  o.end = end;
  o.request_sent = sent;
  o.refused = refused;
  o.detail = "curl's words";
  return o;
}

net::http_outcome status(int code) {
  net::http_outcome o;
  o.status = code;
  o.body = R"({"error":"words of W&B"})";
  return o;
}

struct trouble {
  net::http_outcome outcome;
  std::string logged;  // on the call's line
  std::string level;
  std::string outcome_word;
  std::string says; // to the client
};

} // namespace

TEST_CASE("users are not told an internal address, and which setting it is",
          "[actors]") {
  net::http_outcome how;
  how.end = net::transfer_end::resolve_failed;
  const auto why = transfer_failure(how, service::api, {});
  CHECK_THAT(why.message, Catch::Contains("WANDB_INTERNAL_BASE_URL")
                            && Catch::Contains("its internal address"));
}

TEST_CASE("the line of a call tells what failed upstream", "[actors]") {
  using end = net::transfer_end;
  const auto c = GENERATE(values<trouble>({
    {ended(end::resolve_failed, false), "upstream=api:dns*3", "warning",
     "upstream_unavailable",
     "the name api.wandb.ai can't be resolved (DNS). That is for the operator "
     "of this MCP server: check WANDB_BASE_URL"},
    {ended(end::connect_failed, false, true), "upstream=api:refused*3",
     "warning", "upstream_unavailable",
     "api.wandb.ai refuses connections. That is for the operator"},
    {ended(end::connect_failed, false), "upstream=api:unreachable*3", "warning",
     "upstream_unavailable", "can't be connected to"},
    {ended(end::tls_failed, false), "upstream=api:tls*3", "warning",
     "upstream_unavailable", "WANDB_CA_FILE"},
    {ended(end::timed_out, false), "upstream=api:connect_timeout", "warning",
     "upstream_timeout", "takes no connection in time"},
    {ended(end::unsupported), "upstream=api:not_http", "warning",
     "upstream_garbage", "not with HTTP"},
    {ended(end::timed_out), "upstream=api:timeout", "info", "upstream_timeout",
     "Ask for less"},
    {ended(end::cut), "upstream=api:cut*3", "info", "upstream_unavailable",
     "Try again later"},
    {ended(end::too_large), "upstream=api:too_large", "info",
     "response_too_large", "Ask for less"},
    {status(503), "upstream=api:status_503*3", "info", "upstream_unavailable",
     "503"},
    {status(401), "upstream=api:status_401", "info", "unauthorized", "401"},
  }));
  CAPTURE(c.logged);
  front w;
  const log_lines log;
  const auto via = w.ask(lone_call("fetch"));
  for (std::size_t i = 0; i < w.gateway.sent.size(); ++i) {
    w.gateway.finish(i, c.outcome);
    w.run();
    w.advance(2s);
  }
  REQUIRE(via->response.has_value());
  const auto said = via->body();
  CHECK_THAT(said, Contains(c.says));
  const bool for_operator = c.level == "warning";
  CHECK((said.find("Ask for less") == said.npos) >= for_operator);
  const auto line = log.line("call ");
  CHECK_THAT(line, StartsWith(c.level + " call tool=fetch request=1.1 outcome="
                              + c.outcome_word + " ms="));
  CHECK_THAT(line, Contains(c.logged));
  CHECK(log.all().find(alice_key) == std::string::npos);
  CHECK(log.all().find("words of W&B") == std::string::npos);
}

TEST_CASE("a trouble that passed is told of as well", "[actors]") {
  front w;
  const log_lines log;
  const auto via = w.ask(lone_call("fetch"));
  w.gateway.answer(0, "{}", 503);
  w.run();
  w.advance(2s);
  w.gateway.answer(1, "{}");
  w.run();
  CHECK(via->status() == 200);
  const auto line = log.line("call ");
  CHECK_THAT(line, Contains("outcome=ok"));
  CHECK_THAT(line, Contains("upstream=api:status_503"));
}

TEST_CASE("a call that W&B never answers tells what it waited for",
          "[actors]") {
  front w;
  const log_lines log;
  w.ask(lone_call("fetch"));
  for (int i = 0; i < 21; ++i)
    w.advance(1s);
  CHECK_THAT(log.line("call "), Contains("outcome=upstream_timeout"));
  CHECK_THAT(log.line("call "), Contains("upstream=api:timeout"));
}

TEST_CASE("a fault of ours is an error with its incident", "[actors]") {
  front w;
  const log_lines log;
  const auto said = w.ask(lone_call("bug"))->body();
  const auto line = log.line("call ");
  CHECK_THAT(line, StartsWith("error call tool=bug request=1.1 "
                              "outcome=internal "));
  CHECK_THAT(line, Contains("fault=std::logic_error"));
  const auto at = line.find("incident=");
  REQUIRE(at != line.npos);
  CHECK_THAT(said, Contains(line.substr(at + 9, 12)));
  CHECK(log.all().find("secrets") == std::string::npos);
}

TEST_CASE("what was run is called by its kind", "[actors]") {
  struct row {
    lone_request asked;
    std::string logged;
  };
  const auto [asked, logged] = GENERATE(values<row>({
    {lone_call("echo", {{"say", "private"}}), "call tool=echo "},
    {{.method = "prompts/get", .params = {{"name", "wandb_guide"}}},
     "call prompt=wandb_guide "},
    {{.method = "resources/read", .params = {{"uri", "wandb://private"}}},
     "call resource=unknown "},
  }));
  CAPTURE(logged);
  front w;
  const log_lines log;
  w.ask(asked);
  CHECK_THAT(log.line("call "), StartsWith("info " + logged));
  CHECK(log.all().find("private") == std::string::npos);
}

TEST_CASE("HTTP refusals are logged with path, peer and reason", "[actors]") {
  struct row {
    request_sketch sent;
    int status;
    std::string logged;
  };
  const header_map mine{{"Authorization", "Bearer " + alice_key}};
  const auto [sent, status, logged] = GENERATE_COPY(values<row>({
    {{.target = "/mcp?key=" + alice_key}, 401,
     "status=401 path=/mcp reason=authorization_required"},
    {{.headers = {{"Host", "evil.example"}}}, 403,
     "status=403 path=/mcp reason=host_not_allowed"},
    {{.method = http::verb::get, .target = "/" + alice_key + "/x"}, 404,
     "status=404 path=/***/x reason=not_found"},
    {{.headers = mine}, 406, "status=406 path=/mcp reason=not_acceptable"},
    {{.method = http::verb::get, .headers = {mine[0], {"Accept", both}}}, 400,
     "status=400 path=/mcp reason=missing_session_id"},
  }));
  CAPTURE(logged);
  front w;
  const log_lines log;
  const auto via = w.send(w.actor, sent, "192.0.2.7:4711");
  CHECK(via->status() == status);
  CHECK(log.line("http ") == "info http refused " + logged
                               + " peer=192.0.2.7:4711 request=1.1");
  CHECK(log.all().find(alice_key) == std::string::npos);
}

TEST_CASE("a log that is to be private names no peer", "[actors]") {
  front w;
  w.services->log_peers = false;
  const log_lines log;
  w.send(w.actor, {}, "192.0.2.7:4711");
  CHECK_THAT(log.line("http "), Contains("status=401"));
  CHECK(log.all().find("192.0.2.7") == std::string::npos);
}

TEST_CASE("a path in the log is one word without secrets", "[actors]") {
  const auto [sent, shown] = GENERATE(table<std::string, std::string>({
    {"/mcp?token=x", "/mcp"},
    {"/a b\xFF\n", "/a?b??"},
    {"/" + std::string(40, 'k'), "/***"},
    {"/.well-known/oauth-authorization-server/mcp",
     "/.well-known/oauth-authorization-server/mcp"},
    {"", ""},
  }));
  CHECK(loggable_path(sent) == shown);
  CHECK(loggable_path(std::string(5000, '/')).size() <= 120);
}
