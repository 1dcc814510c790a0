#include "actors/authorization_server.hpp"

#include "actors/authorization_router.hpp"
#include "protocol/json/parse.hpp"
#include "protocol/mcp/http_rules.hpp"
#include "protocol/mcp/utf8.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>

namespace mcp {
namespace {

constexpr std::string_view resource_path =
  "/.well-known/oauth-protected-resource";
constexpr std::string_view server_path =
  "/.well-known/oauth-authorization-server";
constexpr std::string_view openid_path = "/.well-known/openid-configuration";
constexpr std::size_t max_counted = 100'000;
constexpr std::size_t max_user_name = 256; // it travels in every token
constexpr std::int64_t forget_every = 600; // seconds

constexpr std::array<std::string_view, 8> endpoints{
  "/register", "/authorize",  "/token",
  "/revoke",   "/introspect", "/device_authorization",
  "/device",   "/connect"};

/// The path itself, or that of the MCP endpoint's metadata; a slash at the end,
/// as the resource may have one, makes no difference.
bool is_well_known(std::string_view path, std::string_view known) {
  if (!path.starts_with(known))
    return false;
  const auto rest = path.substr(known.size());
  return rest.empty() || rest == "/" || rest == "/mcp" || rest == "/mcp/";
}

} // namespace

void minute_tally::turn(std::int64_t now) {
  if (now / 60 == minute_)
    return;
  minute_ = now / 60;
  counts_.clear();
}

bool minute_tally::reached(const std::string& who, int most, std::int64_t now) {
  turn(now);
  const auto it = counts_.find(who);
  return it != counts_.end() && it->second >= most;
}

bool minute_tally::allow(const std::string& who, int most, std::int64_t now) {
  if (reached(who, most, now) || counts_.size() >= max_counted)
    return false;
  ++counts_[who];
  return true;
}

bool is_oauth_path(std::string_view path) {
  return std::find(endpoints.begin(), endpoints.end(), path) != endpoints.end()
         || is_well_known(path, resource_path)
         || is_well_known(path, server_path)
         || is_well_known(path, openid_path);
}

caf::result<oauth_answer>
authorization_router::arrived(const oauth_arrival& a) {
  oauth_visit v;
  v.promise = self_->make_response_promise<oauth_answer>();
  v.request = a.request;
  v.peer = a.request->peer.substr(0, a.request->peer.rfind(':'));
  const auto promise = v.promise;
  const auto& target = a.request->target;
  const auto path = std::string_view(target).substr(0, target.find('?'));
  dispatch(std::move(v), path);
  return promise;
}

void authorization_router::dispatch(oauth_visit v, std::string_view path) {
  const auto method = v.request->method;
  const bool get = method == http::verb::get || method == http::verb::head;
  const bool post = method == http::verb::post;
  if (method == http::verb::options) {
    net::http_response r;
    r.status = http::status::no_content;
    r.headers = {{"Access-Control-Allow-Methods", "GET, POST, OPTIONS"},
                 {"Access-Control-Allow-Headers",
                  "Authorization, Content-Type, MCP-Protocol-Version"},
                 {"Access-Control-Max-Age", "86400"}};
    return v.answer(std::move(r));
  }
  if (path.starts_with("/.well-known/")) {
    if (!get)
      return method_not_allowed(v, "GET, HEAD, OPTIONS");
    return json(v, http::status::ok,
                is_well_known(path, resource_path)
                  ? oauth::resource_metadata(options_.us)
                  : oauth::server_metadata(options_.us));
  }
  const bool page =
    path == "/authorize" || path == "/device" || path == "/connect";
  if (!post && !(page && get))
    return method_not_allowed(v, page ? "GET, HEAD, POST, OPTIONS"
                                      : "POST, OPTIONS");
  if (path == "/register")
    return register_client(v);
  const auto type = v.request->headers["Content-Type"];
  if (post && !is_media_type(type, "application/x-www-form-urlencoded"))
    return refuse(v, {.error = "invalid_request",
                      .description = "The body must be "
                                     "application/x-www-form-urlencoded.",
                      .status = 415});
  auto fields = oauth::form::parse(post ? std::string_view(v.request->body)
                                        : oauth::query_of(v.request->target));
  if (!fields) {
    if (page)
      return note(v, http::status::bad_request, "This link doesn't work",
                  fields.error().description);
    return refuse(v, fields.error());
  }
  v.form = std::move(*fields);
  v.browser = cookie_of(v, "mcp_browser");
  if (page && v.browser.size() != 22)
    v.browser.clear();
  if (path == "/token")
    return token(v);
  if (path == "/revoke")
    return revoke(v);
  if (path == "/introspect")
    return introspect(v);
  if (path == "/device_authorization")
    return authorize_device(std::move(v));
  if (path == "/authorize")
    return get ? ask_consent(std::move(v)) : decide(std::move(v));
  if (path == "/device")
    return get ? device_page(v) : find_device(v);
  get ? connect_page(v) : connect_action(std::move(v));
}

void authorization_router::register_client(oauth_visit& v) {
  if (!st_.tally.allow("register " + v.peer, options_.max_registrations, now()))
    return refuse(v, {.error = "temporarily_unavailable",
                      .description = "Too many registrations from this "
                                     "address; try again in a minute.",
                      .status = 429});
  const auto& body = v.request->body;
  if (body.size() > oauth::form::max_bytes)
    return refuse(v, oauth::invalid_metadata("The body is too long."));
  auto r = oauth::read_registration(body, now());
  if (!r)
    return refuse(v, r.error());
  const auto id = seals_.seal(*r);
  const auto shown = r->confidential ? seals_.client_secret(id) : std::string{};
  json(v, http::status::created, oauth::write_registration(id, *r, shown));
}

void authorization_router::json(oauth_visit& v, http::status status,
                                std::string body) {
  net::http_response r;
  r.status = status;
  r.content_type = "application/json";
  r.headers = {{"Cache-Control", "no-store"}, {"Pragma", "no-cache"}};
  r.body = std::make_shared<const std::string>(std::move(body));
  v.answer(std::move(r));
}

void authorization_router::refuse(oauth_visit& v, const oauth::refusal& why) {
  net::http_response r;
  r.status = static_cast<http::status>(why.status);
  r.content_type = "application/json";
  r.headers = {{"Cache-Control", "no-store"}, {"Pragma", "no-cache"}};
  // In the scheme that was tried (RFC 6749, 5.2).
  if (const auto tried = v.request->headers["Authorization"];
      why.status == 401 && !tried.empty())
    r.headers.emplace_back("WWW-Authenticate",
                           bearer_token(tried).empty()
                             ? "Basic realm=\"wandb-mcp-server\""
                             : "Bearer realm=\"wandb-mcp-server\"");
  if (why.status == 503 || why.status == 429)
    r.headers.emplace_back("Retry-After", why.status == 503 ? "2" : "60");
  r.body = std::make_shared<const std::string>(oauth::to_json(why));
  v.answer(std::move(r));
}

void authorization_router::method_not_allowed(oauth_visit& v,
                                              std::string_view allowed) {
  net::http_response r;
  r.status = http::status::method_not_allowed;
  r.headers = {{"Allow", std::string(allowed)}};
  v.answer(std::move(r));
}

void authorization_router::page(oauth_visit& v, http::status status,
                                std::string html,
                                std::string_view form_target) {
  net::http_response r;
  r.status = status;
  r.content_type = "text/html; charset=utf-8";
  std::string policy =
    "default-src 'none'; style-src 'self'; script-src "
    "'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'";
  if (!form_target.empty())
    policy += " " + std::string(form_target);
  r.headers = {{"Content-Security-Policy", std::move(policy)},
               {"X-Frame-Options", "DENY"},
               {"X-Content-Type-Options", "nosniff"},
               // With "no-referrer" a browser would hide the Origin of our own
               // forms.
               {"Referrer-Policy", "same-origin"},
               {"Cache-Control", "no-store"}};
  if (!v.browser.empty())
    r.headers.emplace_back("Set-Cookie",
                           cookie("mcp_browser", v.browser, 3600, "Lax"));
  r.body = std::make_shared<const std::string>(std::move(html));
  v.answer(std::move(r));
}

void authorization_router::note(oauth_visit& v, http::status status,
                                std::string title, std::string text,
                                std::string link, std::string link_text) {
  page(v, status,
       options_.pages.note({.title = std::move(title),
                            .text = std::move(text),
                            .good = status == http::status::ok,
                            .link = std::move(link),
                            .link_text = std::move(link_text)}));
}

void authorization_router::redirect(oauth_visit& v, std::string location) {
  net::http_response r;
  r.status = http::status::see_other;
  r.headers = {{"Location", std::move(location)},
               {"Cache-Control", "no-store"},
               {"Referrer-Policy", "no-referrer"}};
  v.answer(std::move(r));
}

std::string authorization_router::cookie(std::string_view name,
                                         std::string_view value,
                                         std::int64_t seconds,
                                         std::string_view same_site) const {
  // "__Host-" makes browsers refuse it from other hosts of the domain; they
  // want https for that.
  const bool safe = options_.us.url.starts_with("https:");
  std::string out = safe ? "__Host-" : "";
  out += name;
  out += '=';
  out += value;
  out += "; Path=/; HttpOnly; SameSite=";
  out += same_site;
  out += "; Max-Age=" + std::to_string(seconds);
  return safe ? out + "; Secure" : out;
}

std::string authorization_router::cookie_of(const oauth_visit& v,
                                            std::string_view name) const {
  std::string wanted = options_.us.url.starts_with("https:") ? "__Host-" : "";
  wanted += name;
  wanted += '=';
  const auto all = v.request->headers.joined("Cookie", "; ");
  std::string_view rest = all;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(';'), rest.size());
    auto item = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    while (item.starts_with(' '))
      item.remove_prefix(1);
    if (item.starts_with(wanted))
      return std::string(item.substr(wanted.size()));
  }
  return {};
}

bool authorization_router::from_our_page(const oauth_visit& v,
                                         std::string_view proof) const {
  const auto site = v.request->headers["Sec-Fetch-Site"];
  const auto origin = v.request->headers["Origin"];
  return !v.browser.empty() && v.browser == proof
         && (site.empty() || site == "same-origin")
         && (origin.empty() || origin == options_.us.url);
}

void authorization_router::replied(const fetch_reply& r) {
  auto node = st_.checks.extract(r.id);
  if (node.empty())
    return;
  for (const auto& t : r.troubles)
    spdlog::log(t.for_operator ? spdlog::level::warn : spdlog::level::info,
                "oauth: asking W&B about a key failed upstream={}", t.what);
  const auto& then = node.mapped().then;
  if (!*r.outcome)
    return then(r.outcome->error());
  const auto parsed = parse_json(*r.outcome->value().body);
  boost::system::error_code none;
  const auto* name =
    parsed ? parsed->find_pointer("/data/viewer/username", none) : nullptr;
  // W&B answers a key it does not know with 401, or with a viewer of null.
  if (!name || !name->is_string())
    return then(failure{.code = errc::unauthorized,
                        .message = "W&B does not know the user of this key"});
  then(std::string(cut_utf8(name->get_string(), max_user_name)));
}

void authorization_router::sweep() {
  if (auto all = st_.store->revoked(now())) {
    around_.revoked->replace(*all);
    if (st_.store_away)
      spdlog::warn("oauth: the store is back");
    st_.store_away = false;
  } else if (!st_.store_away) {
    st_.store_away = true;
    spdlog::warn("oauth: the store is away, so no token is given, refreshed or "
                 "revoked: {}",
                 all.error().message);
  }
  // A user's actor that died would never answer.
  std::vector<std::uint64_t> overdue;
  for (const auto& [id, check] : st_.checks)
    if (now() - check.since > options_.check_patience)
      overdue.push_back(id);
  for (const auto id : overdue)
    st_.checks.extract(id).mapped().then(
      failure{.code = errc::upstream_timeout, .message = "no answer"});
  if (now() - st_.forgotten >= forget_every) {
    st_.forgotten = now();
    st_.store->forget_expired(now());
  }
  self_->delayed_send(self_, options_.sweep_every, sweep_atom_v);
}

authorization_server_actor::behavior_type authorization_server(
  authorization_pointer self,
  std::shared_ptr<const authorization_options> options,
  const oauth::sealer* seals, std::shared_ptr<grant_store> store,
  std::shared_ptr<revocations> revoked, wandb_client_pool_actor pool,
  client_documents_actor documents, const session_sealer* sessions) {
  self->state.store = std::move(store);
  const authorization_surroundings around{std::move(options),   seals,
                                          std::move(revoked),   std::move(pool),
                                          std::move(documents), sessions};
  const auto rules = [self, around] {
    return authorization_router(self, around);
  };
  self->send(self, sweep_atom_v);
  return {
    [rules](const fetch_reply& r) { rules().replied(r); },
    [rules](const oauth_arrival& a) { return rules().arrived(a); },
    [rules](sweep_atom) { rules().sweep(); },
  };
}

} // namespace mcp
