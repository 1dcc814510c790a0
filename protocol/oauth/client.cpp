#include "protocol/oauth/client.hpp"

#include "protocol/json/parse.hpp"
#include "protocol/mcp/utf8.hpp"
#include "protocol/oauth/redirect_uri.hpp"

#include <algorithm>
#include <array>

namespace mcp::oauth {
namespace {

namespace json = boost::json;

constexpr std::size_t max_redirects = 16;
constexpr std::size_t max_name = 128;
// What all redirect URIs together may have, so that a client id stays short
// enough for a query.
constexpr std::size_t max_redirect_bytes = 3000;
constexpr std::string_view device_grant =
  "urn:ietf:params:oauth:grant-type:device_code";
constexpr std::array<std::string_view, 3> grant_types{
  "authorization_code", "refresh_token", device_grant};

std::string_view text_of(const json::object& o, std::string_view name) {
  const auto* v = o.if_contains(name);
  return v && v->is_string() ? std::string_view(v->get_string())
                             : std::string_view{};
}

/// Whether a character begins here that is not seen but changes what is seen:
/// zero width (U+200B to 200F, U+FEFF), or another direction of writing (U+202A
/// to 202E, U+2066 to 2069). All of them have three bytes.
bool is_invisible(std::string_view at) {
  if (at.size() < 3)
    return false;
  const auto last = static_cast<unsigned char>(at[2]);
  if (at.starts_with("\xe2\x80"))
    return (last >= 0x8b && last <= 0x8f) || (last >= 0xaa && last <= 0xae);
  if (at.starts_with("\xe2\x81"))
    return last >= 0xa6 && last <= 0xa9;
  return at.starts_with("\xef\xbb\xbf");
}

/// What people will read: no control characters, no line breaks, nothing that
/// makes a name look like another.
std::string shown(std::string_view text) {
  std::string seen;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_invisible(text.substr(i)))
      i += 2;
    else
      seen += text[i];
  }
  std::string out(cut_utf8(seen, max_name));
  std::replace_if(
    out.begin(), out.end(),
    [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  const auto first = out.find_first_not_of(' ');
  return first == out.npos ? std::string{} : out.substr(first);
}

std::string web_site(std::string_view text) {
  return text.starts_with("https://") && check_redirect_uri(text)
           ? std::string(text)
           : std::string{};
}

/// Whether "grant_types" names this one.
bool asks_for(const json::object& o, std::string_view grant_type) {
  const auto* v = o.if_contains("grant_types");
  const auto* items = v ? v->if_array() : nullptr;
  return items
         && std::any_of(items->begin(), items->end(), [&](const auto& i) {
              return i.is_string() && i.get_string() == grant_type;
            });
}

checked<registration> read_metadata(const json::object& o) {
  registration r;
  r.name = shown(text_of(o, "client_name"));
  r.uri = web_site(text_of(o, "client_uri"));
  const auto* uris = o.if_contains("redirect_uris");
  if (uris && !uris->is_array())
    return refusal{.error = "invalid_redirect_uri",
                   .description = "redirect_uris must be an array."};
  std::size_t bytes = 0;
  if (uris)
    for (const auto& uri : uris->get_array()) {
      if (!uri.is_string())
        return refusal{.error = "invalid_redirect_uri",
                       .description = "redirect_uris must be strings."};
      const std::string_view text(uri.get_string());
      if (auto good = check_redirect_uri(text); !good)
        return good.error();
      bytes += text.size();
      r.redirect_uris.emplace_back(text);
    }
  if (r.redirect_uris.size() > max_redirects || bytes > max_redirect_bytes)
    return refusal{.error = "invalid_redirect_uri",
                   .description = "At most 16 redirect_uris, of 3000 "
                                  "characters together."};
  // Other grant and response types than ours are replaced, not refused: the
  // answer says what there is (RFC 7591, 2 and 3.2.1).
  // A client that knows device codes alone is sent nowhere.
  const bool device_only =
    asks_for(o, device_grant) && !asks_for(o, grant_types.front());
  if (r.redirect_uris.empty() && !device_only)
    return refusal{.error = "invalid_redirect_uri",
                   .description = "redirect_uris is missing."};
  if (r.name.empty())
    r.name = r.redirect_uris.empty() ? "A client without a name"
                                     : redirect_target(r.redirect_uris.front());
  return r;
}

} // namespace

checked<registration> read_registration(std::string_view body,
                                        std::int64_t now) {
  auto parsed = parse_json(body);
  if (!parsed || !parsed->is_object())
    return invalid_metadata("The body must be a JSON object.");
  const auto& o = parsed->get_object();
  auto r = read_metadata(o);
  if (!r)
    return r;
  const auto* method = o.if_contains("token_endpoint_auth_method");
  const auto how = method && !method->is_null()
                     ? text_of(o, "token_endpoint_auth_method")
                     : "client_secret_basic";
  if (how != "none" && how != "client_secret_basic"
      && how != "client_secret_post")
    return invalid_metadata("token_endpoint_auth_method may be none, "
                            "client_secret_basic or client_secret_post.");
  r->confidential = how != "none";
  r->issued = now;
  return r;
}

std::string write_registration(std::string_view client_id,
                               const registration& r,
                               std::string_view with_secret) {
  json::object out{
    {"client_id", client_id},
    {"client_id_issued_at", r.issued},
    {"client_name", r.name},
    {"redirect_uris",
     json::array(r.redirect_uris.begin(), r.redirect_uris.end())},
    {"grant_types", json::array(grant_types.begin(), grant_types.end())},
    {"response_types", {"code"}},
    {"token_endpoint_auth_method",
     r.confidential ? "client_secret_basic" : "none"},
    {"scope", "wandb:read wandb:write"},
  };
  if (!r.uri.empty())
    out["client_uri"] = r.uri;
  if (!with_secret.empty()) {
    out["client_secret"] = with_secret;
    out["client_secret_expires_at"] = 0;
  }
  return json::serialize(out);
}

client to_client(std::string_view id, registration r) {
  client c;
  c.id = id;
  c.name = std::move(r.name);
  c.uri = std::move(r.uri);
  c.redirect_uris = std::move(r.redirect_uris);
  c.confidential = r.confidential;
  return c;
}

bool is_document_url(std::string_view id) {
  constexpr std::string_view scheme = "https://";
  if (!id.starts_with(scheme) || id.size() > 512
      || id.find_first_of("?@[]", scheme.size()) != id.npos
      || !check_redirect_uri(id))
    return false;
  const auto slash = id.find('/', scheme.size());
  if (slash == id.npos || slash + 1 == id.size())
    return false;
  auto host = id.substr(scheme.size(), slash - scheme.size());
  host = host.substr(0, host.find(':'));
  const auto last = host.substr(host.rfind('.') + 1);
  // A name whose last part begins with a digit is an address in disguise
  // (0x7f.1, 127.1; WHATWG URL, "ends in a number").
  if (host.find('.') == host.npos || host.starts_with('.') || last.empty()
      || (last[0] >= '0' && last[0] <= '9'))
    return false;
  auto path = id.substr(slash);
  if (path.find_first_of("%:") != path.npos)
    return false;
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto part = path.substr(0, path.find('/'));
    if (part == "." || part == "..")
      return false;
    path.remove_prefix(part.size());
  }
  return true;
}

checked<client> read_document(std::string_view url, std::string_view text) {
  auto parsed = parse_json(text);
  if (!parsed || !parsed->is_object())
    return invalid_client("The client's metadata document is no JSON object.");
  const auto& o = parsed->get_object();
  if (text_of(o, "client_id") != url)
    return invalid_client("The client_id in the client's metadata document is "
                          "not the document's own URL.");
  if (o.contains("client_secret") || o.contains("client_secret_expires_at"))
    return invalid_client("A metadata document is public and can hold no "
                          "client_secret.");
  if (const auto method = text_of(o, "token_endpoint_auth_method");
      !method.empty() && method != "none")
    return invalid_client("The client's metadata document must have "
                          "token_endpoint_auth_method none.");
  auto r = read_metadata(o);
  if (!r)
    return invalid_client(r.error().description);
  auto c = to_client(url, std::move(*r));
  c.from = client::origin::document;
  return c;
}

result<std::vector<client>> read_client_file(std::string_view text) {
  const auto wrong = [](std::string why) {
    return failure{.code = errc::bad_argument, .message = std::move(why)};
  };
  auto parsed = parse_json(text);
  if (!parsed || !parsed->is_array())
    return wrong("a client file is a JSON array of clients");
  std::vector<client> out;
  for (const auto& item : parsed->get_array()) {
    const auto number = std::to_string(out.size() + 1);
    const auto* o = item.if_object();
    if (!o || text_of(*o, "client_id").empty())
      return wrong("client " + number + " has no client_id");
    auto r = read_metadata(*o);
    if (!r)
      return wrong("client " + number + ": " + r.error().description);
    const auto id = text_of(*o, "client_id");
    if (id.starts_with(sealer::client_prefix) || is_document_url(id))
      return wrong("client " + number
                   + ": client_id looks like one that is not configured");
    for (const auto& other : out)
      if (other.id == id)
        return wrong("client " + number + ": its client_id is there twice");
    auto c = to_client(id, std::move(*r));
    c.from = client::origin::configured;
    c.configured_secret = secret(text_of(*o, "client_secret"));
    c.confidential = !c.configured_secret.empty();
    out.push_back(std::move(c));
  }
  return out;
}

bool may_redirect(const client& c, std::string_view uri) {
  return std::any_of(
    c.redirect_uris.begin(), c.redirect_uris.end(),
    [&](const auto& known) { return same_redirect_uri(known, uri); });
}

} // namespace mcp::oauth
