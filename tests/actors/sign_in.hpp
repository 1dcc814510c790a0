#pragma once

// A server with sign-in: its pages are written down as values, W&B is answered
// by hand, and the store can be taken away.

#include "actors/authorization_server.hpp"
#include "actors/client_documents.hpp"
#include "protocol/oauth/form.hpp"
#include "tests/actors/front.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcp::testing {

/// The store of the test, which may be away.
class moody_store : public grant_store {
public:
  explicit moody_store(std::unique_ptr<grant_store> real)
      : real_(std::move(real)) {}

  bool away = false;
  int good_calls = -1; // after so many it is away; -1: never

  result<bool> use_once(std::string_view id, std::int64_t expires,
                        std::int64_t now) override {
    if (fails())
      return gone();
    return real_->use_once(id, expires, now);
  }
  result<std::optional<std::int64_t>> used_at(std::string_view id,
                                              std::int64_t now) override {
    if (fails())
      return gone();
    return real_->used_at(id, now);
  }
  result<void> revoke(std::string_view family, std::int64_t expires,
                      std::int64_t now) override {
    if (fails())
      return gone();
    return real_->revoke(family, expires, now);
  }
  result<bool> is_revoked(std::string_view family, std::int64_t now) override {
    if (fails())
      return gone();
    return real_->is_revoked(family, now);
  }
  result<std::vector<std::string>> revoked(std::int64_t now) override {
    if (fails())
      return gone();
    return real_->revoked(now);
  }
  result<void> keep(const kept_grant& grant, std::int64_t now) override {
    if (fails())
      return gone();
    return real_->keep(grant, now);
  }
  result<std::vector<kept_grant>>
  grants_of(const std::vector<std::string>& users, std::int64_t now) override {
    if (fails())
      return gone();
    return real_->grants_of(users, now);
  }
  result<bool> add_device(const kept_device& device,
                          std::int64_t now) override {
    if (fails())
      return gone();
    return real_->add_device(device, now);
  }
  result<std::optional<kept_device>> find_device(std::string_view user_code,
                                                 std::int64_t now) override {
    if (fails())
      return gone();
    return real_->find_device(user_code, now);
  }
  result<bool> decide_device(std::string_view user_code, bool approved,
                             std::string_view sealed,
                             std::int64_t now) override {
    if (fails())
      return gone();
    return real_->decide_device(user_code, approved, sealed, now);
  }
  result<device_poll> poll_device(std::string_view id,
                                  std::int64_t now) override {
    if (fails())
      return gone();
    return real_->poll_device(id, now);
  }
  void forget_expired(std::int64_t now) override {
    if (!away)
      real_->forget_expired(now);
  }

private:
  bool fails() {
    if (good_calls == 0)
      return true;
    good_calls -= good_calls > 0 ? 1 : 0;
    return away;
  }
  static failure gone() {
    return {.code = errc::upstream_unavailable, .message = "it is away"};
  }
  std::unique_ptr<grant_store> real_;
};

using field_list = std::vector<std::pair<std::string, std::string>>;

inline std::string encoded(const field_list& fields) {
  oauth::form f;
  for (const auto& [name, value] : fields)
    f.add(name, value);
  return f.encoded();
}
/// The fields, with those of `other` in place of theirs. An empty value removes
/// a field.
inline field_list changed(field_list fields, const field_list& other) {
  for (const auto& [name, value] : other) {
    std::erase_if(fields, [&](const auto& f) { return f.first == name; });
    if (!value.empty())
      fields.emplace_back(name, value);
  }
  return fields;
}

inline const std::string our_url = "https://mcp.example.com";
inline const std::string claude_uri = "https://claude.example/callback";
// RFC 7636, appendix B.
inline const std::string verifier =
  "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
inline const std::string challenge =
  "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A field of a sound request that is changed (or removed), and the answer.
struct twist {
  const char* what;
  field_list changes;
  const char* error;
  int status = 400;
};

/// The text with one character changed.
inline std::string flipped(std::string text, std::size_t at) {
  text[at] = text[at] == 'A' ? 'B' : 'A';
  return text;
}

struct token_pair {
  std::string access, refresh;
};

struct sign_in_desk : front {
  oauth::sealer seals{keys};
  std::shared_ptr<moody_store> store =
    std::make_shared<moody_store>(std::move(*open_sqlite_store(":memory:")));
  std::shared_ptr<authorization_options> rules =
    std::make_shared<authorization_options>();
  std::shared_ptr<token_rules> tokens = std::make_shared<token_rules>();
  std::shared_ptr<revocations> revoked = std::make_shared<revocations>();
  authorization_server_actor server;

  // The pages that were shown last.
  std::optional<sign_in_view> signing_in;
  std::optional<device_view> device;
  std::optional<note_view> note;
  std::optional<connect_view> connect_shown;
  /// What a browser keeps of us.
  header_map cookies;
  std::string peer = "203.0.113.7:40000";

  sign_in_desk() {
    rules->us = {.url = our_url, .introspection = true};
    rules->introspection = secret("the operator's own secret");
    rules->unix_time = [this] { return unix_now; };
    rules->pages.sign_in = [this](const sign_in_view& v) {
      signing_in = v;
      return std::string("sign in");
    };
    rules->pages.device = [this](const device_view& v) {
      device = v;
      return std::string("device");
    };
    rules->pages.note = [this](const note_view& v) {
      note = v;
      return std::string("note");
    };
    rules->pages.connect = [this](const connect_view& v) {
      connect_shown = v;
      return std::string("connect");
    };
    services->origins.allowed_hosts = {"mcp.example.com", "localhost"};
    services->origins.allowed_origins = {"*"};
    tokens->us = rules->us;
    tokens->seals = &seals;
    tokens->revoked = revoked;
    tokens->writes = [](std::string_view tool) { return tool == "change"; };
    services->oauth = tokens;
    start();
  }
  ~sign_in_desk() {
    tokens->server = authorization_server_actor{};
    server = authorization_server_actor{};
  }

  /// Spawns the authorization server, again if need be: what it has in memory
  /// is gone then.
  void start() {
    server = spawn(
      authorization_server, std::shared_ptr<const authorization_options>(rules),
      static_cast<const oauth::sealer*>(&seals),
      std::shared_ptr<grant_store>(store), revoked, services->pool,
      spawn(client_documents, std::make_shared<const client_document_options>(),
            static_cast<upstream_gateway*>(&gateway)),
      static_cast<const session_sealer*>(&sealer));
    tokens->server = server;
  }

  std::shared_ptr<recorded_exchange> hit(request_sketch sketch) {
    sketch.headers.insert(sketch.headers.begin(), {"Host", "mcp.example.com"});
    return send(actor, std::move(sketch), peer);
  }
  std::shared_ptr<recorded_exchange> get(const std::string& target,
                                         header_map more = {}) {
    return hit({.method = http::verb::get,
                .target = target,
                .headers = with_cookies(std::move(more))});
  }
  /// As a client's program sends it.
  std::shared_ptr<recorded_exchange> send_form(const std::string& target,
                                               const field_list& fields,
                                               header_map more = {}) {
    more.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    return hit({.target = target, .body = encoded(fields), .headers = more});
  }
  /// As a browser does from a page of ours. An empty header is left out.
  std::shared_ptr<recorded_exchange> submit(const std::string& target,
                                            const field_list& fields,
                                            const header_map& other = {}) {
    auto headers =
      with_cookies({{"Origin", our_url}, {"Sec-Fetch-Site", "same-origin"}});
    headers.insert(headers.end(), other.begin(), other.end());
    auto via = send_form(target, fields, headers);
    keep_cookies(*via);
    return via;
  }

  std::string register_client(json::object metadata = {
                                {"client_name", "Claude"},
                                {"token_endpoint_auth_method", "none"},
                                {"redirect_uris", {claude_uri}}}) {
    const auto via = hit({.target = "/register",
                          .body = json::serialize(metadata),
                          .headers = {{"Content-Type", "application/json"}}});
    REQUIRE(via->status() == 201);
    return std::string(json::parse(via->body()).at("client_id").as_string());
  }

  std::string register_other() {
    return register_client({{"client_name", "Other"},
                            {"token_endpoint_auth_method", "none"},
                            {"redirect_uris", {claude_uri}}});
  }

  field_list question(const std::string& client) {
    return {
      {"response_type", "code"},           {"client_id", client},
      {"redirect_uri", claude_uri},        {"code_challenge", challenge},
      {"code_challenge_method", "S256"},   {"state", "xyz"},
      {"scope", "wandb:read wandb:write"}, {"resource", our_url + "/mcp"}};
  }
  /// Follows the client's link in a browser.
  std::shared_ptr<recorded_exchange> open_link(const field_list& fields) {
    signing_in.reset();
    note.reset();
    auto via = get("/authorize?" + encoded(fields));
    keep_cookies(*via);
    return via;
  }
  /// What the sign-in form sends.
  field_list filled_in(const std::string& key = alice_key) {
    REQUIRE(signing_in);
    return {{"request", signing_in->request},
            {"decision", "allow"},
            {"api_key", key}};
  }
  /// W&B says whose key it is, if it is asked.
  void wandb_knows(const std::string& user) {
    const auto i = gateway.sent.size() - 1;
    gateway.answer(i, R"({"data":{"viewer":{"username":")" + user + R"("}}})");
    run();
  }

  std::string allow(const field_list& link, const std::string& key = alice_key,
                    bool write = false) {
    open_link(link);
    auto fields = filled_in(key);
    if (write)
      fields.emplace_back("write", "yes");
    const auto via = submit("/authorize", fields);
    wandb_knows(key == bob_key ? "bob" : "alice");
    REQUIRE(via->status() == 303);
    return in_query(via->header("Location"), "code");
  }
  static std::string in_query(const std::string& uri, std::string_view name) {
    const auto fields = oauth::form::parse(oauth::query_of(uri));
    REQUIRE(fields.has_value());
    return std::string(fields->get(name));
  }

  field_list redemption(const std::string& client, const std::string& code) {
    return {{"grant_type", "authorization_code"},
            {"client_id", client},
            {"code", code},
            {"redirect_uri", claude_uri},
            {"code_verifier", verifier},
            {"resource", our_url + "/mcp"}};
  }
  static token_pair tokens_in(const recorded_exchange& via) {
    REQUIRE(via.status() == 200);
    const auto parsed = json::parse(via.body());
    return {std::string(parsed.at("access_token").as_string()),
            std::string(parsed.at("refresh_token").as_string())};
  }
  token_pair connect_client(const std::string& client,
                            const std::string& key = alice_key,
                            bool write = false) {
    const auto code = allow(question(client), key, write);
    return tokens_in(*send_form("/token", redemption(client, code)));
  }
  std::shared_ptr<recorded_exchange> refresh(const std::string& client,
                                             const std::string& token,
                                             const field_list& more = {}) {
    return send_form("/token", changed({{"grant_type", "refresh_token"},
                                        {"client_id", client},
                                        {"refresh_token", token}},
                                       more));
  }
  static std::string error_of(const recorded_exchange& via) {
    const auto parsed = json::parse(via.body());
    const auto* error = parsed.as_object().if_contains("error");
    return error ? std::string(error->as_string()) : std::string();
  }

  /// Calls a tool that answers without upstream.
  std::shared_ptr<recorded_exchange>
  call(const std::string& bearer, std::string_view tool = "echo",
       json::object arguments = {{"say", "hello"}}) {
    auto r = lone_call(tool, std::move(arguments));
    r.key = bearer;
    r.headers = {{"Host", "mcp.example.com"}};
    return ask(std::move(r));
  }

private:
  header_map with_cookies(header_map headers) const {
    std::string all;
    for (const auto& [name, value] : cookies)
      all += (all.empty() ? "" : "; ") + name + "=" + value;
    if (!all.empty())
      headers.emplace_back("Cookie", all);
    return headers;
  }
  void keep_cookies(const recorded_exchange& via) {
    if (!via.response)
      return;
    for (const auto& [name, value] : via.response->headers) {
      if (name != "Set-Cookie")
        continue;
      const auto equals = value.find('=');
      const auto called = value.substr(0, equals);
      std::erase_if(cookies, [&](const auto& c) { return c.first == called; });
      auto text = value.substr(equals + 1, value.find(';') - equals - 1);
      if (!text.empty())
        cookies.emplace_back(called, std::move(text));
    }
  }
};

} // namespace mcp::testing
