#pragma once

#include "actors/upstream_reach.hpp"
#include "net/http_server.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace mcp {

/// The state of this process, and how its requests to W&B went.
struct server_health {
  std::atomic<bool> ready{false};
  std::atomic<bool> draining{false};
  std::shared_ptr<upstream_reach> reach = std::make_shared<upstream_reach>();
};

/// What probes are told, without asking anybody else; null for other paths.
/// "/livez" is 200 for as long as the process can answer at all. "/readyz",
/// "/health" and "/mcp/health" are 503 while it is starting or stopping. W&B
/// being away is told and changes no status: an instance that is taken out for
/// it would be missed when W&B is back, and no other one would do better.
std::function<std::optional<net::http_response>(std::string_view path)>
probes(std::shared_ptr<const server_health> health);

} // namespace mcp
