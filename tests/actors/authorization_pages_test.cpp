// Whoever tries to get at somebody at their browser: links, forms, pages.

#include "tests/actors/sign_in.hpp"

using namespace mcp;
using namespace mcp::testing;

TEST_CASE("a form that another site sent does nothing",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  d.open_link(d.question(d.register_client()));
  const auto fields = d.filled_in();
  struct forgery {
    const char* what;
    header_map headers;
    bool with_cookie = true;
  };
  for (const auto& f : std::vector<forgery>{
         forgery{"without the cookie", {}, false},
         forgery{"with the cookie of another browser",
                 {{"Cookie", "__Host-mcp_browser=" + oauth::sealer::new_id()}},
                 false},
         forgery{"from another origin", {{"Origin", "https://evil.example"}}},
         forgery{"from a sandbox", {{"Origin", "null"}}},
         forgery{"from our name over http",
                 {{"Origin", "http://mcp.example.com"}}},
         forgery{"from another port",
                 {{"Origin", "https://mcp.example.com:8443"}}},
         forgery{"from another site", {{"Sec-Fetch-Site", "cross-site"}}},
         forgery{"from a sibling", {{"Sec-Fetch-Site", "same-site"}}},
         forgery{"from nowhere", {{"Sec-Fetch-Site", "none"}}}}) {
    CAPTURE(f.what);
    const auto kept = d.cookies;
    if (!f.with_cookie)
      d.cookies.clear();
    const auto via = d.submit("/authorize", fields, f.headers);
    CHECK(via->status() == 403);
    CHECK(via->header("Location").empty());
    CHECK(d.gateway.sent.empty());
    d.cookies = kept;
  }
  CHECK_FALSE(d.submit("/authorize", fields)->response); // W&B is asked
}

TEST_CASE("neither can another site use /device and /connect",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  const auto path = GENERATE("/device", "/connect");
  CAPTURE(path);
  const field_list fields{{"csrf", oauth::sealer::new_id()},
                          {"user_code", "BCDF-GHJK"},
                          {"action", "sign_in"},
                          {"api_key", alice_key}};
  CHECK(d.submit(path, fields)->status() == 403);
  CHECK(d.submit(path, changed(fields, {{"csrf", ""}}))->status() == 403);
  CHECK(d.gateway.sent.empty());
}

TEST_CASE("a sign-in page ends after a quarter of an hour",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  d.open_link(d.question(d.register_client()));
  d.unix_now += 901;
  CHECK(d.submit("/authorize", d.filled_in())->status() == 400);
  CHECK(d.gateway.sent.empty());
}

TEST_CASE("a sign-in page that is loaded again is a sign-in page",
          "[actors][oauth]") {
  sign_in_desk d;
  d.open_link(d.question(d.register_client()));
  const auto action = d.signing_in->action;
  const auto sign_in = [&] {
    const auto via = d.submit(action, d.filled_in());
    d.wandb_knows("alice");
    CHECK(via->status() == 303);
    CHECK_THAT(via->header("Location"), Catch::StartsWith(claude_uri)
                                          && Catch::Contains("state=xyz"));
  };
  SECTION("at once") {
    d.signing_in.reset();
    CHECK(d.get(action)->status() == 200);
    sign_in();
  }
  SECTION("after a wrong key") {
    CHECK(d.submit(action, d.filled_in("wrong"))->status() == 400);
    CHECK(d.signing_in->action == action);
    d.signing_in.reset();
    CHECK(d.get(action)->status() == 200);
    CHECK(d.signing_in->problem.empty());
    sign_in();
  }
  SECTION("by sending its form again") {
    const auto form = d.filled_in("wrong");
    CHECK(d.submit(action, form)->status() == 400);
    CHECK(d.submit(action, form)->status() == 400);
    sign_in();
  }
  SECTION("after its time") {
    const auto form = d.filled_in();
    d.unix_now += 901;
    d.signing_in.reset();
    CHECK(d.submit(action, form)->status() == 400);
    REQUIRE(d.signing_in);
    CHECK_THAT(d.signing_in->problem, Catch::Contains("too long"));
    CHECK(d.gateway.sent.empty());
    sign_in();
  }
  SECTION("after another tab took the cookie") {
    const auto form = d.filled_in();
    d.cookies.clear();
    CHECK(d.submit(action, form)->status() == 403);
    REQUIRE(d.note);
    CHECK(d.note->link == action);
    CHECK(d.gateway.sent.empty());
  }
}

TEST_CASE("a form without a request behind it leads nowhere new",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  d.open_link(d.question(d.register_client()));
  const auto form = d.filled_in();
  d.unix_now += 901;
  for (const auto* target : {"/authorize", "/authorize?", "/authorize?x=1",
                             "/authorize?client_id="}) {
    CAPTURE(target);
    d.note.reset();
    CHECK(d.submit(target, form)->status() == 400);
    REQUIRE(d.note);
    CHECK(d.note->link.empty());
  }
}

TEST_CASE("what the sign-in page carries can not be made up",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  const auto client = d.register_client();
  d.open_link(d.question(client));
  const auto request = d.signing_in->request;
  for (const auto& with : std::vector<std::string>{
         "", "nonsense", flipped(request, 30), request.substr(0, 60), client}) {
    auto fields = changed(d.filled_in(), {{"request", with}});
    CHECK(d.submit("/authorize", fields)->status() == 400);
    CHECK(d.gateway.sent.empty());
  }
}

TEST_CASE("pages can be neither framed nor scripted",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto link = "/authorize?" + encoded(d.question(client));
  for (const auto& path :
       std::vector<std::string>{link, "/authorize", "/device", "/connect"}) {
    CAPTURE(path);
    const auto via = d.get(path);
    const auto policy = via->header("Content-Security-Policy");
    CHECK(policy.find("default-src 'none'") != std::string::npos);
    CHECK(policy.find("frame-ancestors 'none'") != std::string::npos);
    CHECK(policy.find("base-uri 'none'") != std::string::npos);
    CHECK(policy.find("unsafe") == std::string::npos);
    CHECK(via->header("X-Frame-Options") == "DENY");
    CHECK(via->header("X-Content-Type-Options") == "nosniff");
    CHECK(via->header("Cache-Control") == "no-store");
    const auto cookie = via->header("Set-Cookie");
    if (!cookie.empty()) {
      CHECK(cookie.starts_with("__Host-"));
      CHECK(cookie.find("; Secure") != std::string::npos);
      CHECK(cookie.find("; HttpOnly") != std::string::npos);
      CHECK(cookie.find("; SameSite=Lax") != std::string::npos);
    }
  }
}

TEST_CASE("the browser's cookie can not be planted by its visitor",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  const auto planted = GENERATE(as<std::string>{}, "x", "a; Path=/x",
                                std::string(4000, 'a'), "%0d%0aX: y");
  d.cookies = {{"__Host-mcp_browser", planted}};
  const auto via = d.get("/device");
  const auto cookie = via->header("Set-Cookie");
  const auto value = cookie.substr(cookie.find('=') + 1, 23);
  CHECK(value.find(';') == 22);
  CHECK(value.substr(0, 22) != planted);
  CHECK(d.device->csrf == value.substr(0, 22));
}

TEST_CASE("a redirect goes nowhere but to the client",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto uri = GENERATE(
    as<std::string>{}, "https://evil.example/callback",
    "https://claude.example/callback/", "https://claude.example/callback/..",
    "https://claude.example/callbac", "https://claude.example/callback?x=1",
    "https://claude.example/callback#x",
    "https://claude.example.evil.example/callback",
    "https://claude.example@evil.example/callback",
    "https://CLAUDE.example/callback", "https://claude.example/Callback",
    "https://claude.example/call%62ack", "https://claude.example%2fcallback",
    "https://claude.example/callback%0d%0aLocation: https://evil.example",
    "https://claude.example:8443/callback", "http://claude.example/callback",
    "//claude.example/callback", "javascript:alert(1)",
    "https://claude.example\\@evil.example/callback");
  CAPTURE(uri);
  const auto via =
    d.open_link(changed(d.question(client), {{"redirect_uri", uri}}));
  CHECK(via->status() == 400);
  CHECK(via->header("Location").empty());
  CHECK_FALSE(d.signing_in);
  REQUIRE(d.note);
  CHECK(d.note->link.empty());
}

TEST_CASE("a request with a fault asks nobody for a key",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto t = GENERATE(
    twist{"no challenge", {{"code_challenge", ""}}, "invalid_request"},
    twist{"no method", {{"code_challenge_method", ""}}, "invalid_request"},
    twist{"a plain challenge",
          {{"code_challenge_method", "plain"}},
          "invalid_request"},
    twist{"a method in lower case",
          {{"code_challenge_method", "s256"}},
          "invalid_request"},
    twist{"a short challenge", {{"code_challenge", "abc"}}, "invalid_request"},
    twist{"the implicit flow",
          {{"response_type", "token"}},
          "unsupported_response_type"},
    twist{"two types",
          {{"response_type", "code token"}},
          "unsupported_response_type"},
    twist{"no type", {{"response_type", ""}}, "invalid_request"},
    twist{"a fragment", {{"response_mode", "fragment"}}, "invalid_request"},
    twist{"another resource",
          {{"resource", "https://other.example/mcp"}},
          "invalid_target"},
    twist{"a resource that only begins like ours",
          {{"resource", our_url + ".evil.example/mcp"}},
          "invalid_target"},
    twist{"an endless state",
          {{"state", std::string(2049, 's')}},
          "invalid_request"});
  CAPTURE(t.what);
  const auto via = d.open_link(changed(d.question(client), t.changes));
  CHECK(via->status() == 400);
  CHECK_FALSE(d.signing_in);
  // The way back is a link, because anybody can register a client.
  REQUIRE(d.note);
  CHECK(d.note->link.starts_with(claude_uri + "?"));
  CHECK(d.in_query(d.note->link, "error") == t.error);
  CHECK(d.in_query(d.note->link, "iss") == our_url);
}

TEST_CASE("a state is given back as it was, and adds no header",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto state = GENERATE(
    as<std::string>{}, "a&code=stolen", "x\r\nSet-Cookie: a=b", "\"><script>",
    "#fragment", std::string("zero\0byte", 9), "%0d%0aX: y");
  d.open_link(changed(d.question(client), {{"state", state}}));
  const auto via = d.submit("/authorize", d.filled_in());
  d.wandb_knows("alice");
  const auto to = via->header("Location");
  CHECK(to.find_first_of(std::string_view("\r\n\0 \"<>#", 8)) == to.npos);
  CHECK(d.in_query(to, "state") == state);
  CHECK(d.in_query(to, "code") != "stolen");
}

TEST_CASE("codes of devices can not be guessed for long",
          "[actors][oauth][attack][device]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto begun =
    d.send_form("/device_authorization", {{"client_id", client}});
  const std::string right(
    json::parse(begun->body()).at("user_code").as_string());
  d.get("/device");
  const auto csrf = d.device->csrf;
  d.cookies = {{"__Host-mcp_browser", csrf}};
  const auto guess = [&](const std::string& code) {
    return d.submit("/device", {{"csrf", csrf}, {"user_code", code}})->status();
  };
  for (int i = 0; i < d.rules->max_wrong_codes; ++i)
    CHECK(guess("BBBB-BBBB") == 400);
  // A new browser and a new port are still the same address.
  CHECK(guess(right) == 429);
  d.peer = "203.0.113.7:40001";
  CHECK(guess(right) == 429);
  d.peer = "198.51.100.9:40000";
  CHECK(guess(right) == 200);
  d.peer = "203.0.113.7:40000";
  d.unix_now += 60;
  CHECK(guess(right) == 200);
}

TEST_CASE("keys can not be tried out at the sign-in page",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  d.open_link(d.question(d.register_client()));
  for (int i = 0; i < d.rules->max_tries; ++i)
    CHECK(d.submit("/authorize", d.filled_in("wrong"))->status() == 400);
  const auto via = d.submit("/authorize", d.filled_in());
  CHECK(via->status() == 400);
  CHECK(d.signing_in->problem.find("Too many") != std::string::npos);
  CHECK(d.gateway.sent.empty());
}

TEST_CASE("neither by one address with ever new browsers",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  d.rules->max_tries_of_address = 3;
  const auto client = d.register_client();
  const auto tried = [&] {
    d.cookies.clear();
    d.open_link(d.question(client));
    d.submit("/authorize", d.filled_in("wrong"));
    return d.signing_in->problem;
  };
  for (int i = 0; i < 3; ++i)
    CHECK(tried().find("isn't a whole") != std::string::npos);
  CHECK(tried().find("Too many") != std::string::npos);
  d.peer = "198.51.100.9:1";
  CHECK(tried().find("isn't a whole") != std::string::npos);
}

TEST_CASE("who is never answered about a key hears so, and makes room",
          "[actors][oauth]") {
  sign_in_desk d;
  d.rules->max_checks = 1;
  d.open_link(d.question(d.register_client()));
  const auto via = d.submit("/authorize", d.filled_in());
  CHECK_FALSE(via->response);
  d.unix_now += d.rules->check_patience + 1;
  d.advance(d.rules->sweep_every);
  REQUIRE(via->response);
  CHECK(d.signing_in->problem.find("couldn't reach W&B") != std::string::npos);
  CHECK_FALSE(d.submit("/authorize", d.filled_in())->response); // it is asked
}

TEST_CASE("two users who sign in at once get their own",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  const auto client = d.register_client();
  d.open_link(d.question(client));
  const auto alice_form = d.filled_in(alice_key);
  const auto alice_cookies = d.cookies;
  d.cookies.clear();
  d.open_link(d.question(client));
  const auto bob_form = d.filled_in(bob_key);
  const auto bob_cookies = d.cookies;

  // Each other's form.
  d.cookies = alice_cookies;
  CHECK(d.submit("/authorize", bob_form)->status() == 403);

  const auto other_connection = d.connect();
  const auto to_alice = d.submit("/authorize", alice_form);
  d.cookies = bob_cookies;
  d.actor = other_connection;
  const auto to_bob = d.submit("/authorize", bob_form);
  REQUIRE(d.gateway.sent.size() == 2);
  // Answered crosswise.
  d.gateway.answer(1, R"({"data":{"viewer":{"username":"bob"}}})");
  d.gateway.answer(0, R"({"data":{"viewer":{"username":"alice"}}})");
  d.run();
  const auto whose = [&](const recorded_exchange& via) {
    const auto t = d.tokens_in(*d.send_form(
      "/token",
      d.redemption(client, d.in_query(via.header("Location"), "code"))));
    const auto opened = d.seals.open_access(t.access, d.unix_now);
    return std::pair(opened->value.what.user,
                     std::string(opened->value.what.key.reveal()));
  };
  CHECK(whose(*to_alice) == std::pair(std::string("alice"), alice_key));
  CHECK(whose(*to_bob) == std::pair(std::string("bob"), bob_key));
}

TEST_CASE("a key is in nothing that is answered", "[actors][oauth][attack]") {
  sign_in_desk d;
  const auto client = d.register_client();
  d.open_link(d.question(client));
  const auto via = d.submit("/authorize", d.filled_in());
  d.wandb_knows("alice");
  for (const auto& [name, value] : via->response->headers)
    CHECK(value.find(alice_key) == std::string::npos);
  // A key in a link (somebody's bookmarklet) is not taken, nor said again.
  const auto link = d.get("/authorize?" + encoded(d.question(client))
                          + "&api_key=" + alice_key);
  for (const auto& [name, value] : link->response->headers)
    CHECK(value.find(alice_key) == std::string::npos);
  CHECK(d.signing_in->request.find(alice_key) == std::string::npos);
}

TEST_CASE("a client that names itself to mislead stays named",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  const auto client = d.register_client(
    {{"client_name", "W&B <b>Official</b>"},
     {"token_endpoint_auth_method", "none"},
     {"redirect_uris", {claude_uri, "http://localhost:3000/cb"}}});
  d.open_link(d.question(client));
  CHECK(d.signing_in->registered_itself);
  CHECK(d.signing_in->target == "claude.example");
  d.open_link(changed(d.question(client),
                      {{"redirect_uri", "http://localhost:51234/cb"}}));
  CHECK(d.signing_in->target == "a program on this computer (localhost)");
}

TEST_CASE("a device's code that is no good any more leads to another try",
          "[actors][oauth][device]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto begun =
    d.send_form("/device_authorization", {{"client_id", client}});
  const std::string code(
    json::parse(begun->body()).at("user_code").as_string());
  const auto shown = d.get("/device?user_code=" + code);
  CHECK(d.device->user_code == code);
  const auto csrf = d.device->csrf;
  d.cookies = {{"__Host-mcp_browser", csrf}};
  CHECK(d.submit("/device", {{"csrf", csrf}, {"user_code", "BBBB-BBBB"}})
          ->status()
        == 400);
  CHECK(d.device->user_code == "BBBB-BBBB"); // to correct it
  d.submit("/device", {{"csrf", csrf}, {"user_code", code}});
  const auto fields = d.filled_in();

  // The store goes away between the page and the decision, and comes back.
  d.submit("/authorize", fields);
  d.store->away = true;
  d.wandb_knows("alice");
  CHECK(d.note->title == "We couldn't save this");
  CHECK(d.note->link.starts_with("/device?user_code="));
  d.store->away = false;

  // Somebody decided in another tab meanwhile.
  for (const auto* title : {"Connected", "This code has expired"}) {
    d.submit("/authorize", fields);
    d.wandb_knows("alice");
    CHECK(d.note->title == title);
    CHECK_FALSE(d.note->link.empty());
  }
}
