#pragma once

#include "net/http_server.hpp"
#include "tools/catalog.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace mcp {

struct server_health {
  std::atomic<bool> ready{false};
  std::atomic<bool> draining{false};
};

/// The pages beside /mcp: "/health" (200 {"status":"ok"}; 503 while starting or
/// stopping) and "/" (what this is, for people). Gives null for other paths.
std::function<std::optional<net::http_response>(std::string_view path)>
pages(std::shared_ptr<const server_health> health,
      std::shared_ptr<const tools::catalog> catalog);

} // namespace mcp
