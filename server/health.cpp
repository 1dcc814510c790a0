#include "server/health.hpp"

#include <boost/json.hpp>

namespace mcp {
namespace {

namespace http = boost::beast::http;
namespace json = boost::json;

net::http_response state(http::status status, const json::object& body) {
  net::http_response r;
  r.status = status;
  r.content_type = "application/json";
  r.headers.emplace_back("Cache-Control", "no-store");
  r.body = std::make_shared<const std::string>(json::serialize(body));
  return r;
}

net::http_response readiness(const server_health& h) {
  const char* status = h.draining ? "stopping" : h.ready ? "ok" : "starting";
  return state(h.draining || !h.ready ? http::status::service_unavailable
                                      : http::status::ok,
               {{"status", status},
                {"version", MCP_VERSION},
                {"wandb", to_string(h.reach->of(service::api))},
                {"weave", to_string(h.reach->of(service::trace))}});
}

} // namespace

std::function<std::optional<net::http_response>(std::string_view path)>
probes(std::shared_ptr<const server_health> health) {
  return [health = std::move(health)](
           std::string_view path) -> std::optional<net::http_response> {
    if (path == "/livez")
      return state(http::status::ok,
                   {{"status", "ok"}, {"version", MCP_VERSION}});
    if (path == "/readyz" || path == "/health" || path == "/mcp/health")
      return readiness(*health);
    return {};
  };
}

} // namespace mcp
