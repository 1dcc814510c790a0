#pragma once

#include "actors/authorization_pages.hpp"
#include "net/http_server.hpp"
#include "server/health.hpp"
#include "tools/catalog.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mcp {

/// What the pages tell of this server.
struct page_facts {
  std::string key_url; // where a person finds their W&B API key
  std::string url;     // of the MCP endpoint; empty: "/mcp on this host"
  bool offers_sign_in = false;
};

/// The pages beside /mcp: "/" (what this is, for people), "/connect" (how to
/// connect, when no authorization server answers it) and the assets of all
/// pages. Gives null for other paths.
std::function<std::optional<net::http_response>(std::string_view path)>
pages(std::shared_ptr<const server_health> health,
      std::shared_ptr<const tools::catalog> catalog, const page_facts& facts);

/// What the authorization server shows.
authorization_pages sign_in_pages(const std::string& key_url);

} // namespace mcp
