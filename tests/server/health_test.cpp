#include "server/health.hpp"
#include "server/wiring.hpp"
#include "tests/catch.hpp"

#include <boost/json.hpp>

using namespace mcp;
namespace json = boost::json;

namespace {

struct probed {
  int status;
  json::object said;
};

struct place {
  std::shared_ptr<server_health> health = std::make_shared<server_health>();
  std::function<std::optional<net::http_response>(std::string_view)> at =
    probes(health);

  probed ask(std::string_view path) {
    const auto r = at(path);
    REQUIRE(r.has_value());
    return {static_cast<int>(r->status), json::parse(*r->body).as_object()};
  }
};

net::http_outcome ended(net::transfer_end how, int status = 0) {
  net::http_outcome o;
  o.end = how;
  o.status = status;
  return o;
}

} // namespace

TEST_CASE("probes tell the state of the process", "[server]") {
  place p;
  const auto* ready = GENERATE("/readyz", "/health", "/mcp/health");
  CAPTURE(ready);
  CHECK(p.ask(ready).status == 503);
  CHECK(p.ask(ready).said.at("status") == "starting");
  CHECK(p.ask("/livez").status == 200);
  p.health->ready = true;
  CHECK(p.ask(ready).status == 200);
  CHECK(p.ask(ready).said.at("status") == "ok");
  CHECK(p.ask(ready).said.at("version") == MCP_VERSION);
  p.health->draining = true;
  CHECK(p.ask(ready).status == 503);
  CHECK(p.ask(ready).said.at("status") == "stopping");
  CHECK(p.ask("/livez").status == 200);
  CHECK(p.ask("/livez").said
        == json::object{{"status", "ok"}, {"version", MCP_VERSION}});
  for (const auto* other : {"/", "/healthz", "/mcp", "/mcp/health/", "/livez/"})
    CHECK_FALSE(p.at(other).has_value());
}

TEST_CASE("readiness tells how it went with W&B, and stays ready", "[server]") {
  using net::transfer_end;
  place p;
  p.health->ready = true;
  CHECK(p.ask("/readyz").said.at("wandb") == "unknown");
  CHECK(p.ask("/readyz").said.at("weave") == "unknown");
  struct row {
    transfer_end end;
    int status;
    const char* says;
  };
  const auto c = GENERATE(values<row>({
    {transfer_end::complete, 200, "reachable"},
    {transfer_end::complete, 401, "reachable"},
    {transfer_end::complete, 429, "reachable"},
    {transfer_end::complete, 500, "reachable"},
    {transfer_end::stopped, 200, "reachable"},
    {transfer_end::too_large, 200, "reachable"},
    {transfer_end::complete, 502, "unreachable"},
    {transfer_end::complete, 503, "unreachable"},
    {transfer_end::complete, 504, "unreachable"},
    {transfer_end::cut, 200, "unreachable"},
    {transfer_end::resolve_failed, 0, "unreachable"},
    {transfer_end::connect_failed, 0, "unreachable"},
    {transfer_end::tls_failed, 0, "unreachable"},
    {transfer_end::timed_out, 0, "unreachable"},
  }));
  CAPTURE(static_cast<int>(c.end), c.status);
  p.health->reach->saw(service::api, ended(c.end, c.status));
  const auto now = p.ask("/readyz");
  CHECK(now.status == 200);
  CHECK(now.said.at("wandb") == c.says);
  CHECK(now.said.at("weave") == "unknown");
  p.health->reach->saw(service::trace, ended(transfer_end::complete, 200));
  p.health->reach->saw(service::api, ended(transfer_end::complete, 200));
  CHECK(p.ask("/readyz").said.at("wandb") == "reachable");
  CHECK(p.ask("/readyz").said.at("weave") == "reachable");
}

TEST_CASE("the public URL's host is welcome with sign-in or without",
          "[server]") {
  settings s;
  s.public_url = GENERATE(as<std::string>{}, "https://mcp.example.com",
                          "https://mcp.example.com:8443/base");
  CHECK(host_allowed("mcp.example.com", origin_rules_of(s)));
  CHECK(host_allowed("127.0.0.1:8080", origin_rules_of(s)));
  CHECK_FALSE(host_allowed("evil.example", origin_rules_of(s)));
  s.allowed_hosts = {"inner.example"};
  CHECK(host_allowed("mcp.example.com", origin_rules_of(s)));
  CHECK(host_allowed("inner.example", origin_rules_of(s)));
  CHECK_FALSE(host_allowed("127.0.0.1", origin_rules_of(s)));
  s.public_url.clear();
  CHECK_FALSE(host_allowed("mcp.example.com", origin_rules_of(s)));
}
