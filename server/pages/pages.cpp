#include "server/pages/pages.hpp"

#include "server/pages/assets.hpp"
#include "server/pages/connect.hpp"
#include "server/pages/landing.hpp"
#include "server/pages/sign_in.hpp"

namespace mcp {
namespace {

namespace http = boost::beast::http;

net::http_response page_response(std::string text) {
  net::http_response r;
  r.content_type = "text/html; charset=utf-8";
  r.headers = {{"Content-Security-Policy",
                "default-src 'none'; style-src 'self'; script-src 'self'; "
                "img-src data:; base-uri 'none'; form-action 'none'; "
                "frame-ancestors 'none'"},
               {"X-Content-Type-Options", "nosniff"},
               {"Referrer-Policy", "no-referrer"},
               // It holds the visitor's Host, which is nobody else's.
               {"Cache-Control", "no-store"}};
  r.body = std::make_shared<const std::string>(std::move(text));
  return r;
}

} // namespace

shown_address address_for(const page_facts& facts, std::string_view host) {
  if (!facts.url.empty())
    return {.url = facts.url, .guessed_origin = {}};
  // The page has lines for a shell.
  constexpr auto of_hosts = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX"
                            "YZ0123456789.-_:[]";
  if (host.empty() || host.find_first_not_of(of_hosts) != host.npos)
    host = "localhost";
  const auto origin = "http://" + std::string(host);
  return {.url = origin + "/mcp", .guessed_origin = origin};
}

std::function<std::optional<net::http_response>(const page_request&)>
pages(std::shared_ptr<const server_health> health,
      std::shared_ptr<const tools::catalog> catalog, const page_facts& facts) {
  return [health = std::move(health), catalog = std::move(catalog),
          facts](const page_request& r) -> std::optional<net::http_response> {
    if (r.path == "/")
      return page_response(landing_page(*catalog, facts,
                                        address_for(facts, r.host),
                                        health->draining ? "Stopping"
                                                         : "Running"));
    if (r.path == "/connect") {
      auto address = address_for(facts, r.host);
      connect_view how;
      how.offers_sign_in = false;
      how.takes_keys = facts.needs_key;
      how.url = std::move(address.url);
      how.guessed_origin = std::move(address.guessed_origin);
      return page_response(connect_page(how, facts.key_url));
    }
    return asset(r.path);
  };
}

net::http_response refusal_page(std::string_view path, http::status status,
                                std::string_view error, std::string_view hint) {
  note_view note{.title = std::string(error),
                 .text = std::string(hint),
                 .good = false};
  if (path == "/mcp" || path == "/mcp/") {
    note.title = "This address is for MCP clients";
    note.text = "A browser can't use it. Paste it into Claude, Cursor or "
                "another MCP client.";
  } else if (status == http::status::not_found) {
    note.title = "There is no page here";
    note.text = "Check the address, or start at the first page.";
    note.link = "/";
    note.link_text = "First page";
  } else if (status == http::status::forbidden) {
    note.alone = true;
  }
  return page_response(note_page(note));
}

authorization_pages sign_in_pages(const std::string& key_url) {
  return {
    .sign_in =
      [key_url](const sign_in_view& v) { return sign_in_page(v, key_url); },
    .device = device_page,
    .note = note_page,
    .connect =
      [key_url](const connect_view& v) { return connect_page(v, key_url); }};
}

} // namespace mcp
