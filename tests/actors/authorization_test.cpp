// Sign-in as it is meant to go; authorization_attacks_test.cpp is the rest.

#include "tests/actors/sign_in.hpp"

using namespace mcp;
using namespace mcp::testing;

TEST_CASE("a client connects and calls in its user's name", "[actors][oauth]") {
  sign_in_desk d;
  const auto client = d.register_client();
  REQUIRE(d.open_link(d.question(client))->status() == 200);
  CHECK(d.signing_in->client_name == "Claude");
  CHECK(d.signing_in->target == "claude.example");
  CHECK(d.signing_in->wants_write);
  CHECK(d.signing_in->registered_itself);

  const auto there = d.submit("/authorize", d.filled_in());
  CHECK_FALSE(there->response); // W&B is asked first
  REQUIRE(d.gateway.sent.size() == 1);
  CHECK(d.gateway.sent[0].transfer.body.find("viewer") != std::string::npos);
  d.wandb_knows("alice");
  REQUIRE(there->status() == 303);
  const auto to = there->header("Location");
  CHECK(to.starts_with(claude_uri + "?"));
  CHECK(d.in_query(to, "state") == "xyz");
  CHECK(d.in_query(to, "iss") == our_url);
  CHECK(to.find(alice_key) == std::string::npos);

  const auto given =
    d.send_form("/token", d.redemption(client, d.in_query(to, "code")));
  const auto tokens = d.tokens_in(*given);
  CHECK(given->header("Cache-Control") == "no-store");
  const auto parsed = json::parse(given->body());
  CHECK(parsed.at("token_type") == "Bearer");
  CHECK(parsed.at("expires_in") == 3600);
  CHECK(parsed.at("scope") == "wandb:read");
  CHECK(tokens.access.find(alice_key) == std::string::npos);

  const auto answer = d.call(tokens.access);
  CHECK(answer->status() == 200);
  CHECK(answer->body().find("hello") != std::string::npos);
}

TEST_CASE("a token asks W&B with the key that is sealed in it",
          "[actors][oauth]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto alice = d.connect_client(client, alice_key);
  const auto bob = d.connect_client(client, bob_key);
  const auto key_sent_for = [&](const std::string& bearer) {
    const auto before = d.gateway.sent.size();
    d.call(bearer, "fetch", {});
    REQUIRE(d.gateway.sent.size() == before + 1);
    d.gateway.answer(before, "{}");
    d.run();
    return d.gateway.sent.back().transfer;
  };
  const auto as_alice = key_sent_for(alice.access);
  const auto as_bob = key_sent_for(bob.access);
  const auto as_alice_herself = key_sent_for(alice_key);
  CHECK(as_alice.headers == as_alice_herself.headers);
  CHECK(as_alice.headers != as_bob.headers);
}

TEST_CASE("a session belongs to the user, by token or by key",
          "[actors][oauth]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto alice = d.connect_client(client, alice_key);
  const auto bob = d.connect_client(client, bob_key);
  const auto session = d.open("2025-11-25", alice.access);
  const auto list = [&](const std::string& bearer) {
    return d
      .post(R"({"jsonrpc":"2.0","id":7,"method":"tools/list"})", session,
            {{"Authorization", "Bearer " + bearer}})
      ->status();
  };
  CHECK(list(alice.access) == 200);
  CHECK(list(alice_key) == 200);
  const auto renewed = d.tokens_in(*d.refresh(client, alice.refresh));
  CHECK(list(renewed.access) == 200);
  CHECK(list(bob.access) == 404);
  CHECK(list(bob_key) == 404);
}

TEST_CASE("tokens are renewed for thirty days from the last time",
          "[actors][oauth]") {
  sign_in_desk d;
  const auto client = d.register_client();
  auto t = d.connect_client(client);
  d.unix_now += 3601;
  CHECK(d.call(t.access)->status() == 401);
  for (int i = 0; i < 3; ++i) {
    d.unix_now += 29 * 86400;
    t = d.tokens_in(*d.refresh(client, t.refresh));
    CHECK(d.call(t.access)->status() == 200);
  }
  d.unix_now += 30 * 86400 + 1;
  const auto late = d.refresh(client, t.refresh);
  CHECK(late->status() == 400);
  CHECK(d.error_of(*late) == "invalid_grant");
}

TEST_CASE("a restart ends nothing that was given", "[actors][oauth]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto t = d.connect_client(client);
  const auto code = d.allow(d.question(client));
  d.start();
  CHECK(d.call(t.access)->status() == 200);
  CHECK(d.send_form("/token", d.redemption(client, code))->status() == 200);
  CHECK(d.refresh(client, t.refresh)->status() == 200);
  CHECK(d.open_link(d.question(client))->status() == 200);
}

TEST_CASE("writing tools want the second scope", "[actors][oauth]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto reader = d.connect_client(client);
  const auto no = d.call(reader.access, "change", {{"what", "x"}});
  CHECK(no->status() == 403);
  const auto challenge_header = no->header("WWW-Authenticate");
  CHECK(challenge_header.find("insufficient_scope") != std::string::npos);
  CHECK(challenge_header.find("wandb:write") != std::string::npos);

  const auto writer = d.connect_client(client, alice_key, true);
  CHECK(d.call(writer.access, "change", {{"what", "x"}})->status() == 200);
  // Less may be asked for, and more is there again the next time.
  const auto narrow =
    d.tokens_in(*d.refresh(client, writer.refresh, {{"scope", "wandb:read"}}));
  CHECK(d.call(narrow.access, "change", {{"what", "x"}})->status() == 403);
  const auto wide = d.tokens_in(*d.refresh(client, narrow.refresh));
  CHECK(d.call(wide.access, "change", {{"what", "x"}})->status() == 200);
}

TEST_CASE("a writing tool in a session wants the scope, too",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto writer = d.connect_client(client, alice_key, true);
  const auto reader = d.connect_client(client);
  const auto session = d.open("2025-11-25", writer.access);
  const auto change = [&](const std::string& body, const std::string& bearer) {
    return d.post(body, session, {{"Authorization", "Bearer " + bearer}})
      ->status();
  };
  const std::string one =
    R"({"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"change",)"
    R"("arguments":{"what":"x"}}})";
  CHECK(change(one, writer.access) == 200);
  CHECK(change(one, reader.access) == 403);
}

TEST_CASE("the user says no", "[actors][oauth]") {
  sign_in_desk d;
  d.open_link(d.question(d.register_client()));
  auto fields = changed(d.filled_in(), {{"decision", "deny"}});
  const auto via = d.submit("/authorize", fields);
  CHECK(via->status() == 303);
  const auto to = via->header("Location");
  CHECK(d.in_query(to, "error") == "access_denied");
  CHECK(d.in_query(to, "state") == "xyz");
  CHECK(d.in_query(to, "iss") == our_url);
  CHECK(d.gateway.sent.empty());
}

TEST_CASE("a key that is none, or that W&B does not know, may be tried again",
          "[actors][oauth]") {
  sign_in_desk d;
  const auto client = d.register_client();
  d.open_link(d.question(client));
  const auto form = d.submit("/authorize", d.filled_in("too-short"));
  CHECK(form->status() == 400);
  CHECK(d.signing_in->problem.find("isn't a whole") != std::string::npos);
  CHECK(d.gateway.sent.empty());

  const auto unknown = d.submit("/authorize", d.filled_in(bob_key));
  d.gateway.answer(0, R"({"errors":[{"message":"no"}]})", 401);
  d.run();
  CHECK(unknown->status() == 400);
  CHECK(d.signing_in->problem.find("doesn't accept") != std::string::npos);

  // As it comes out of a terminal.
  const auto good =
    d.submit("/authorize", d.filled_in("  " + alice_key + "\r\n"));
  d.wandb_knows("alice");
  CHECK(good->status() == 303);
}

TEST_CASE("W&B being away is told from a wrong key", "[actors][oauth]") {
  sign_in_desk d;
  d.open_link(d.question(d.register_client()));
  const auto via = d.submit("/authorize", d.filled_in());
  for (std::size_t i = 0; i < d.gateway.sent.size(); ++i) {
    d.gateway.fail(i, net::transfer_end::connect_failed);
    d.run();
    d.advance(2s); // it is tried again
  }
  REQUIRE(via->response);
  CHECK(via->status() == 400);
  CHECK(d.signing_in->problem.find("couldn't reach W&B") != std::string::npos);
}

TEST_CASE("a user's name may be of any length", "[actors][oauth]") {
  sign_in_desk d;
  d.open_link(d.question(d.register_client()));
  const auto via = d.submit("/authorize", d.filled_in());
  d.wandb_knows(std::string(100'000, 'n'));
  CHECK(via->status() == 303);
}

TEST_CASE("a viewer of null is no user", "[actors][oauth]") {
  sign_in_desk d;
  d.open_link(d.question(d.register_client()));
  const auto via = d.submit("/authorize", d.filled_in());
  d.gateway.answer(0, R"({"data":{"viewer":null}})");
  d.run();
  CHECK(via->status() == 400);
  CHECK_FALSE(d.signing_in->problem.empty());
}

TEST_CASE("revoking ends the whole grant", "[actors][oauth]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto t = d.connect_client(client);
  const auto other = d.connect_client(client, bob_key);
  const auto by = GENERATE(0, 1);
  const auto via =
    d.send_form("/revoke", {{"client_id", client},
                            {"token", by == 0 ? t.access : t.refresh}});
  CHECK(via->status() == 200);
  CHECK(d.call(t.access)->status() == 401);
  CHECK(d.refresh(client, t.refresh)->status() == 400);
  CHECK(d.call(other.access)->status() == 200);
  CHECK(d.refresh(client, other.refresh)->status() == 200);
  // What was revoked stays so.
  d.start();
  CHECK(d.call(t.access)->status() == 401);
}

TEST_CASE("what another instance revoked is known within seconds",
          "[actors][oauth]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto t = d.connect_client(client);
  const auto family =
    d.seals.open_access(t.access, d.unix_now)->value.what.family;
  REQUIRE(d.store->revoke(family, d.unix_now + 1000, d.unix_now).has_value());
  CHECK(d.call(t.access)->status() == 200);
  d.advance(d.rules->sweep_every);
  CHECK(d.call(t.access)->status() == 401);
}

TEST_CASE("the operator can look at a token", "[actors][oauth]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto t = d.connect_client(client);
  const header_map operator_header{
    {"Authorization", "Bearer the operator's own secret"}};
  const auto look = [&](const std::string& token) {
    const auto via =
      d.send_form("/introspect", {{"token", token}}, operator_header);
    REQUIRE(via->status() == 200);
    CHECK(via->body().find(alice_key) == std::string::npos);
    return json::parse(via->body()).as_object();
  };
  const auto access = look(t.access);
  CHECK(access.at("active") == true);
  CHECK(access.at("username") == "alice");
  CHECK(access.at("client_name") == "Claude");
  CHECK(access.at("aud").as_string() == our_url + "/mcp");
  CHECK(access.at("scope") == "wandb:read");
  CHECK(access.at("exp") == d.unix_now + 3600);
  CHECK(look(t.refresh).at("token_type") == "refresh_token");
  CHECK(look("wba.nonsense") == json::object{{"active", false}});
  CHECK(look(alice_key) == json::object{{"active", false}});
  d.send_form("/revoke", {{"client_id", client}, {"token", t.refresh}});
  CHECK(look(t.access) == json::object{{"active", false}});
}

TEST_CASE("a device waits for its user", "[actors][oauth][device]") {
  sign_in_desk d;
  const auto client = d.register_client(
    {{"client_name", "Terminal"},
     {"token_endpoint_auth_method", "none"},
     {"grant_types", {"urn:ietf:params:oauth:grant-type:device_code"}},
     {"redirect_uris", {"http://127.0.0.1/callback"}}});
  const auto begun =
    d.send_form("/device_authorization",
                {{"client_id", client}, {"scope", "wandb:read wandb:write"}});
  REQUIRE(begun->status() == 200);
  const auto told = json::parse(begun->body()).as_object();
  const std::string user_code(told.at("user_code").as_string());
  CHECK(user_code.size() == 9);
  CHECK(told.at("verification_uri").as_string() == our_url + "/device");
  const field_list poll{
    {"grant_type", "urn:ietf:params:oauth:grant-type:device_code"},
    {"client_id", client},
    {"device_code", std::string(told.at("device_code").as_string())}};
  CHECK(d.error_of(*d.send_form("/token", poll)) == "authorization_pending");
  CHECK(d.error_of(*d.send_form("/token", poll)) == "slow_down");

  // The browser: the link that carries the code, the code itself, the key.
  auto page = d.get("/device?user_code=" + user_code);
  REQUIRE(d.device);
  CHECK(d.device->user_code == user_code);
  const auto csrf = d.device->csrf;
  d.cookies.emplace_back("__Host-mcp_browser", csrf);
  const auto typed = GENERATE(0, 1, 2);
  auto as_typed = user_code;
  if (typed == 1)
    as_typed.erase(4, 1);
  if (typed == 2)
    for (auto& c : as_typed)
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  d.submit("/device", {{"csrf", csrf}, {"user_code", as_typed}});
  REQUIRE(d.signing_in);
  CHECK(d.signing_in->device);
  CHECK(d.signing_in->client_name == "Terminal");

  SECTION("at a page that may be loaded again") {
    const auto again = d.get(d.signing_in->action);
    CHECK(again->status() == 303);
    const auto to = again->header("Location");
    CHECK_THAT(to, Catch::StartsWith("/device?user_code="));
    d.get(to);
    CHECK(d.device->user_code == user_code.substr(0, 4) + user_code.substr(5));
  }
  SECTION("and gets tokens, once") {
    auto fields = d.filled_in();
    fields.emplace_back("write", "yes");
    d.submit("/authorize", fields);
    d.wandb_knows("alice");
    REQUIRE(d.note);
    CHECK(d.note->title == "Connected");
    d.unix_now += 30;
    const auto tokens = d.tokens_in(*d.send_form("/token", poll));
    CHECK(d.call(tokens.access, "change", {{"what", "x"}})->status() == 200);
    CHECK(d.refresh(client, tokens.refresh)->status() == 200);
    d.unix_now += 30;
    CHECK(d.error_of(*d.send_form("/token", poll)) == "invalid_grant");
  }
  SECTION("and is denied") {
    d.submit("/authorize", changed(d.filled_in(), {{"decision", "deny"}}));
    d.unix_now += 30;
    CHECK(d.error_of(*d.send_form("/token", poll)) == "access_denied");
  }
  SECTION("in vain") {
    d.unix_now += 601;
    CHECK(d.error_of(*d.send_form("/token", poll)) == "expired_token");
  }
  SECTION("and its code is good once") {
    d.submit("/authorize", d.filled_in());
    d.wandb_knows("alice");
    d.signing_in.reset();
    const auto again =
      d.submit("/device", {{"csrf", csrf}, {"user_code", as_typed}});
    CHECK(again->status() == 400);
    CHECK_FALSE(d.signing_in);
  }
}

TEST_CASE("/connect lists what is connected, and ends it", "[actors][oauth]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto alice = d.connect_client(client, alice_key);
  const auto bob = d.connect_client(client, bob_key);
  d.get("/connect");
  REQUIRE(d.connect_shown);
  CHECK(d.connect_shown->user.empty());
  CHECK(d.connect_shown->url == our_url + "/mcp");
  const auto in = [&](const std::string& key, const std::string& name) {
    const auto via = d.submit("/connect", {{"csrf", d.connect_shown->csrf},
                                           {"action", "sign_in"},
                                           {"api_key", key}});
    d.wandb_knows(name);
    CHECK(via->status() == 303);
    CHECK(via->header("Set-Cookie").find(key) == std::string::npos);
    CHECK(via->header("Set-Cookie").find("HttpOnly") != std::string::npos);
    for (const auto& [header, value] : via->response->headers)
      if (header == "Set-Cookie")
        d.cookies.emplace_back(
          value.substr(0, value.find('=')),
          value.substr(value.find('=') + 1,
                       value.find(';') - value.find('=') - 1));
    d.get("/connect");
  };
  in(alice_key, "alice");
  CHECK(d.connect_shown->user == "alice");
  REQUIRE(d.connect_shown->connected.size() == 1);
  CHECK(d.connect_shown->connected[0].name == "Claude");
  CHECK(d.connect_shown->connected[0].scope == "wandb:read");

  const auto bobs =
    d.seals.open_access(bob.access, d.unix_now)->value.what.family;
  const auto act = [&](const std::string& family) {
    d.submit("/connect", {{"csrf", d.connect_shown->csrf},
                          {"action", "revoke"},
                          {"family", family}});
  };
  act(bobs); // not hers
  CHECK(d.connect_shown->problem == "That client is not connected.");
  CHECK(d.call(bob.access)->status() == 200);
  act(d.connect_shown->connected[0].family);
  CHECK(d.connect_shown->done == "Claude is not connected any more.");
  CHECK(d.connect_shown->connected.empty());
  CHECK(d.call(alice.access)->status() == 401);
  CHECK(d.refresh(client, alice.refresh)->status() == 400);

  d.submit("/connect",
           {{"csrf", d.connect_shown->csrf}, {"action", "sign_out"}});
  d.get("/connect");
  CHECK(d.connect_shown->user.empty());
}

TEST_CASE("keys and tokens are told apart by their form", "[actors][oauth]") {
  sign_in_desk d;
  const auto t = d.connect_client(d.register_client());
  CHECK(d.call(alice_key)->status() == 200);
  CHECK(d.call("local-" + alice_key)->status() == 200);
  CHECK(d.call(t.access)->status() == 200);
  SECTION("and an operator may take tokens alone") {
    d.tokens->takes_keys = false;
    CHECK(d.call(t.access)->status() == 200);
    const auto no = d.call(alice_key);
    CHECK(no->status() == 401);
    CHECK(no->header("WWW-Authenticate").find("resource_metadata")
          != std::string::npos);
    CHECK(no->body().find(alice_key) == std::string::npos);
  }
}

TEST_CASE("a 401 shows the way in, to browsers as well", "[actors][oauth]") {
  sign_in_desk d;
  const auto via = d.hit({.body = "{}",
                          .headers = {{"Accept", both},
                                      {"Content-Type", "application/json"},
                                      {"Origin", "https://app.example"}}});
  CHECK(via->status() == 401);
  const auto header = via->header("WWW-Authenticate");
  CHECK(header.find("resource_metadata=\"" + our_url
                    + "/.well-known/oauth-protected-resource/mcp\"")
        != std::string::npos);
  CHECK(header.find("scope=\"wandb:read") != std::string::npos);
  CHECK(header.find("error=") == std::string::npos);
  CHECK(via->header("Access-Control-Expose-Headers").find("WWW-Authenticate")
        != std::string::npos);
  const auto wrong = d.call("wba.x");
  CHECK(wrong->header("WWW-Authenticate").find("error=\"invalid_token\"")
        != std::string::npos);
}

TEST_CASE("without OAuth nothing invites to it", "[actors][oauth]") {
  front f;
  const auto via = f.post("{}", "", {{"Authorization", ""}});
  CHECK(via->status() == 401);
  CHECK(via->header("WWW-Authenticate").empty());
  for (const auto* path : {"/.well-known/oauth-protected-resource",
                           "/.well-known/oauth-protected-resource/mcp",
                           "/.well-known/oauth-authorization-server",
                           "/.well-known/openid-configuration", "/authorize",
                           "/token", "/register"}) {
    CAPTURE(path);
    CHECK(f.send(f.actor, {.method = http::verb::get, .target = path})->status()
          == 404);
  }
}

TEST_CASE("metadata is where clients look for it", "[actors][oauth]") {
  sign_in_desk d;
  for (const auto* path : {"/.well-known/oauth-protected-resource",
                           "/.well-known/oauth-protected-resource/",
                           "/.well-known/oauth-protected-resource/mcp",
                           "/.well-known/oauth-protected-resource/mcp/"}) {
    const auto via = d.get(path);
    REQUIRE(via->status() == 200);
    const auto m = json::parse(via->body()).as_object();
    CHECK(m.at("resource").as_string() == our_url + "/mcp");
    CHECK(m.at("authorization_servers") == json::array{our_url});
  }
  for (const auto* path : {"/.well-known/oauth-authorization-server",
                           "/.well-known/oauth-authorization-server/mcp",
                           "/.well-known/oauth-authorization-server/",
                           "/.well-known/openid-configuration",
                           "/.well-known/openid-configuration/"}) {
    const auto via = d.get(path);
    REQUIRE(via->status() == 200);
    const auto m = json::parse(via->body()).as_object();
    CHECK(m.at("issuer").as_string() == our_url);
    CHECK(m.at("code_challenge_methods_supported") == json::array{"S256"});
    CHECK(m.at("authorization_response_iss_parameter_supported") == true);
    CHECK(m.at("client_id_metadata_document_supported") == true);
    CHECK_FALSE(m.contains("jwks_uri"));
  }
  CHECK(d.hit({.target = "/.well-known/openid-configuration"})->status()
        == 405);
}

TEST_CASE("the store being away stops refresh and no key", "[actors][oauth]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto t = d.connect_client(client);
  const auto code = d.allow(d.question(client));
  d.store->away = true;
  const auto closed = d.refresh(client, t.refresh);
  CHECK(closed->status() == 503);
  CHECK(closed->header("Retry-After") == "2");
  CHECK(d.error_of(*closed) == "temporarily_unavailable");
  CHECK(d.send_form("/token", d.redemption(client, code))->status() == 503);
  CHECK(d.send_form("/revoke", {{"client_id", client}, {"token", t.refresh}})
          ->status()
        == 503);
  CHECK(d.send_form("/device_authorization", {{"client_id", client}})->status()
        == 503);
  CHECK(d.send_form("/introspect", {{"token", t.access}},
                    {{"Authorization", "Bearer the operator's own secret"}})
          ->status()
        == 503);
  CHECK(d.call(alice_key)->status() == 200);
  CHECK(d.call(t.access)->status() == 200);
  d.advance(10s);
  CHECK(d.call(t.access)->status() == 200);

  // Nothing was decided: it all goes on afterwards.
  d.store->away = false;
  CHECK(d.refresh(client, t.refresh)->status() == 200);
  CHECK(d.send_form("/token", d.redemption(client, code))->status() == 200);
}

TEST_CASE("the store going away half way through costs no grant",
          "[actors][oauth]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto t = d.connect_client(client);
  const auto code = d.allow(d.question(client));
  const auto calls = GENERATE(0, 1, 2, 3);
  CAPTURE(calls);
  d.store->good_calls = calls;
  const auto refreshed = d.refresh(client, t.refresh);
  d.store->good_calls = calls;
  const auto redeemed = d.send_form("/token", d.redemption(client, code));
  d.store->good_calls = -1;
  // Whoever was turned away comes again, with what they had.
  if (refreshed->status() != 200) {
    CHECK(refreshed->status() == 503);
    CHECK(d.refresh(client, t.refresh)->status() == 200);
  }
  if (redeemed->status() != 200) {
    CHECK(redeemed->status() == 503);
    CHECK(d.send_form("/token", d.redemption(client, code))->status() == 200);
  }
}
