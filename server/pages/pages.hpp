#pragma once

#include "actors/authorization_pages.hpp"
#include "actors/connection.hpp"
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
  std::string url;     // of the MCP endpoint; empty: what the visitor used
  bool offers_sign_in = false;
  bool needs_key = true; // false: everybody uses the server's own
};

/// The MCP endpoint as a page shows it.
struct shown_address {
  std::string url;
  /// "http://HOST" of `url` when that is made of a Host header: a proxy may
  /// have another name or speak https, so the page's script puts the origin in
  /// the address bar in its place. Empty: `url` is what the operator said.
  std::string guessed_origin = {};
};

/// The operator's address, else the visitor's: of `host`, a Host header that
/// was found to be welcome. One with characters that no host has is not shown.
[[nodiscard]] shown_address address_for(const page_facts& facts,
                                        std::string_view host);

/// The pages beside /mcp: "/" (what this is, for people), "/connect" (how to
/// connect, when no authorization server answers it) and the assets of all
/// pages. Gives null for other paths.
std::function<std::optional<net::http_response>(const page_request&)>
pages(std::shared_ptr<const server_health> health,
      std::shared_ptr<const tools::catalog> catalog, const page_facts& facts);

/// A refusal for somebody at a browser: what is wrong, and where to go on.
net::http_response refusal_page(std::string_view path,
                                boost::beast::http::status status,
                                std::string_view error, std::string_view hint);

/// What the authorization server shows.
authorization_pages sign_in_pages(const std::string& key_url);

} // namespace mcp
