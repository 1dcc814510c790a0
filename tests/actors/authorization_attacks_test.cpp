// Whoever tries to get at somebody else's code or token.

#include "tests/actors/sign_in.hpp"

using namespace mcp;
using namespace mcp::testing;

TEST_CASE("a code is of no use to whoever found it",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto other = d.register_other();
  const auto code = d.allow(d.question(client));
  const auto sound = d.redemption(client, code);
  for (const auto& t : std::vector<twist>{
         twist{"no verifier", {{"code_verifier", ""}}, "invalid_request"},
         twist{"wrong verifier",
               {{"code_verifier", std::string(43, 'x')}},
               "invalid_grant"},
         twist{"the challenge as verifier",
               {{"code_verifier", challenge}},
               "invalid_grant"},
         twist{"a verifier that is too short",
               {{"code_verifier", "short"}},
               "invalid_grant"},
         twist{"another client", {{"client_id", other}}, "invalid_grant"},
         twist{"another redirect_uri",
               {{"redirect_uri", "https://evil.example/callback"}},
               "invalid_grant"},
         twist{"another resource",
               {{"resource", "https://other.example/mcp"}},
               "invalid_target"},
         twist{"no client", {{"client_id", ""}}, "invalid_client", 401},
         twist{"a client that is none",
               {{"client_id", "claude"}},
               "invalid_client",
               401},
         twist{"a code that was touched",
               {{"code", flipped(code, code.size() / 2)}},
               "invalid_grant"},
         twist{"half a code",
               {{"code", code.substr(0, code.size() / 2)}},
               "invalid_grant"},
         twist{"no code", {{"code", ""}}, "invalid_grant"},
         twist{"a client id as code", {{"code", client}}, "invalid_grant"},
         twist{"another grant",
               {{"grant_type", "password"}},
               "unsupported_grant_type"},
         twist{"the client's own credentials",
               {{"grant_type", "client_credentials"}},
               "unsupported_grant_type"},
         twist{"no grant", {{"grant_type", ""}}, "invalid_request"}}) {
    CAPTURE(t.what);
    const auto via = d.send_form("/token", changed(sound, t.changes));
    CHECK(via->status() == t.status);
    CHECK(d.error_of(*via) == t.error);
    CHECK(via->body().find(code) == std::string::npos);
  }
  // Nor did all that take it from its owner.
  CHECK(d.send_form("/token", sound)->status() == 200);
}

TEST_CASE("a code is good for a minute", "[actors][oauth][attack]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto code = d.allow(d.question(client));
  const auto [seconds, status] =
    GENERATE(std::pair{59, 200}, std::pair{61, 400});
  d.unix_now += seconds;
  CHECK(d.send_form("/token", d.redemption(client, code))->status() == status);
}

TEST_CASE("a code that is used twice ends what it gave",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto code = d.allow(d.question(client));
  const auto fields = d.redemption(client, code);
  auto t = d.tokens_in(*d.send_form("/token", fields));
  const auto later = GENERATE(0, 30, 120);
  d.unix_now += later;
  t = d.tokens_in(*d.refresh(client, t.refresh));
  const auto again = d.send_form("/token", fields);
  CHECK(d.error_of(*again) == "invalid_grant");
  CHECK(d.call(t.access)->status() == 401);
  CHECK(d.error_of(*d.refresh(client, t.refresh)) == "invalid_grant");
}

TEST_CASE("a refresh token that is used again later ends its family",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto stolen = d.connect_client(client);
  const auto unrelated = d.connect_client(client);
  const auto thief_first = d.tokens_in(*d.refresh(client, stolen.refresh));
  const bool meanwhile = GENERATE(false, true);
  d.unix_now += 29;
  if (meanwhile) // which makes it last no longer
    CHECK(d.refresh(client, stolen.refresh)->status() == 200);
  d.unix_now += 1;
  CHECK(d.error_of(*d.refresh(client, stolen.refresh)) == "invalid_grant");
  CHECK(d.call(thief_first.access)->status() == 401);
  CHECK(d.call(stolen.access)->status() == 401);
  CHECK(d.error_of(*d.refresh(client, thief_first.refresh)) == "invalid_grant");
  CHECK(d.call(unrelated.access)->status() == 200);
}

TEST_CASE("a refresh that comes twice at once serves both, anywhere",
          "[actors][oauth]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto t = d.connect_client(client);
  const auto first = d.tokens_in(*d.refresh(client, t.refresh));
  if (GENERATE(false, true))
    d.start(); // another instance with the same store
  d.unix_now += GENERATE(0, 29);
  const auto second = d.tokens_in(*d.refresh(client, t.refresh));
  for (const auto& pair : {first, second}) {
    CHECK(d.call(pair.access)->status() == 200);
    CHECK(d.refresh(client, pair.refresh)->status() == 200);
  }
  // It is the same grant, listed once and ended at once.
  CHECK(d.send_form("/revoke", {{"client_id", client},
                                {"token", second.refresh}})
          ->status()
        == 200);
  for (const auto& pair : {first, second}) {
    CHECK(d.call(pair.access)->status() == 401);
    CHECK(d.error_of(*d.refresh(client, pair.refresh)) == "invalid_grant");
  }
  CHECK(d.error_of(*d.refresh(client, t.refresh)) == "invalid_grant");
}

TEST_CASE("an operator may want refresh tokens to be good once",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  d.rules->refresh_grace = 0;
  const auto client = d.register_client();
  const auto t = d.connect_client(client);
  CHECK(d.refresh(client, t.refresh)->status() == 200);
  CHECK(d.error_of(*d.refresh(client, t.refresh)) == "invalid_grant");
  CHECK(d.call(t.access)->status() == 401);
}

TEST_CASE("a refresh token is its client's, for what was granted",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto other = d.register_other();
  const auto good = d.connect_client(client);
  for (const auto& t : std::vector<twist>{
         twist{"another client", {{"client_id", other}}, "invalid_grant"},
         twist{"no client", {{"client_id", ""}}, "invalid_client", 401},
         twist{"more than was granted",
               {{"scope", "wandb:read wandb:write"}},
               "invalid_scope"},
         twist{"another resource",
               {{"resource", "https://other.example/mcp"}},
               "invalid_target"},
         twist{"an access token",
               {{"refresh_token", good.access}},
               "invalid_grant"},
         twist{"an API key", {{"refresh_token", alice_key}}, "invalid_grant"},
         twist{"none", {{"refresh_token", ""}}, "invalid_grant"},
         twist{
           "one that was touched",
           {{"refresh_token", flipped(good.refresh, good.refresh.size() / 2)}},
           "invalid_grant"},
         twist{
           "one that was cut",
           {{"refresh_token", good.refresh.substr(0, good.refresh.size() - 1)}},
           "invalid_grant"}}) {
    CAPTURE(t.what);
    const auto via = d.refresh(client, good.refresh, t.changes);
    CHECK(via->status() == t.status);
    CHECK(d.error_of(*via) == t.error);
  }
  CHECK(d.refresh(client, good.refresh)->status() == 200);
}

TEST_CASE("what is no access token of ours calls nothing",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto code = d.allow(d.question(client));
  const auto t = d.connect_client(client);
  const seal_keys foreign = seal_keys::random();
  const oauth::sealer theirs(foreign);
  oauth::token forged;
  forged.what.key = secret(alice_key);
  forged.what.audience = our_url + "/mcp";
  forged.what.family = oauth::sealer::new_id();
  auto for_another = forged;
  for_another.what.audience = "https://other.example/mcp";
  const auto hour = d.unix_now + 3600;
  const auto foreign_token = theirs.seal_access(forged, hour);
  const auto other_audience = d.seals.seal_access(for_another, hour);
  const auto old = d.seals.seal_access(forged, d.unix_now - 1);
  struct attempt {
    const char* what;
    std::string bearer;
  };
  for (const auto& a : std::vector<attempt>{
         attempt{"a refresh token", t.refresh}, attempt{"a code", code},
         attempt{"a client id", client},
         attempt{"touched in the middle",
                 flipped(t.access, t.access.size() / 2)},
         attempt{"touched at the end", flipped(t.access, t.access.size() - 2)},
         attempt{"touched at the front", flipped(t.access, 5)},
         attempt{"cut", t.access.substr(0, t.access.size() - 4)},
         attempt{"longer", t.access + "AAAA"},
         attempt{"a refresh token renamed", "wba." + t.refresh.substr(4)},
         attempt{"a code renamed", "wba." + code.substr(4)},
         attempt{"of another server", foreign_token},
         attempt{"for another resource", other_audience},
         attempt{"expired", old},
         // {"alg":"none"} and {"alg":"HS256"}: we issue no JWTs, and read none.
         attempt{"a JWT without signature",
                 "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9."},
         attempt{"a JWT", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9."
                          "dBjftJeZ4CVPmB92K27uhbUJU1p1rwW1gFWFOEjXk"},
         attempt{"a JWT in our clothes", "wba.eyJhbGciOiJub25lIn0.e30."},
         attempt{"the prefix alone", "wba."},
         attempt{"a long one", std::string("wba.").append(15000, 'A')}}) {
    CAPTURE(a.what);
    const auto via = d.call(a.bearer);
    CHECK(via->status() == 401);
    CHECK_FALSE(via->header("WWW-Authenticate").empty());
    CHECK(via->body().find(a.bearer) == std::string::npos);
    CHECK(d.gateway.sent.size() == 2); // those of the two sign-ins
  }
}

TEST_CASE("the same refusal for every token that is no good",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto t = d.connect_client(client);
  const auto garbage = d.call("wba.AAAA")->body();
  CHECK(d.call(flipped(t.access, 40))->body() == garbage);
  d.send_form("/revoke", {{"client_id", client}, {"token", t.refresh}});
  CHECK(d.call(t.access)->body() == garbage);
}

TEST_CASE("forms that are none, or endless, cost little",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  struct bad_form {
    const char* what;
    std::string target, body, type;
    int status;
  };
  const std::string form_type = "application/x-www-form-urlencoded";
  std::string many;
  for (int i = 0; i < 65; ++i)
    many.append("f").append(std::to_string(i)).append("=1&");
  for (const auto& f : std::vector<bad_form>{
         bad_form{"huge", "/token", std::string(70'000, 'x'), form_type, 400},
         bad_form{"many fields", "/token", many, form_type, 400},
         bad_form{"a field twice", "/token", "client_id=a&client_id=b",
                  form_type, 400},
         bad_form{"a broken escape", "/token", "client_id=%zz", form_type, 400},
         bad_form{"JSON", "/token", "{}", "application/json", 415},
         bad_form{"no type", "/token", "client_id=a", "", 415},
         bad_form{"a file", "/authorize", "x",
                  "multipart/form-data; boundary=x", 415},
         bad_form{"nothing", "/token", "", form_type, 401},
         bad_form{"bytes of all kinds", "/token",
                  std::string("\xff\xfe\0\x01=", 5), form_type, 401},
         bad_form{"a registration that is huge", "/register",
                  std::string(70'000, '['), "application/json", 400},
         bad_form{"a registration that nests", "/register",
                  std::string(10'000, '['), "application/json", 400},
         bad_form{"a registration of bytes", "/register", "\xff\xfe",
                  "application/json", 400}}) {
    CAPTURE(f.what);
    header_map headers;
    if (!f.type.empty())
      headers.emplace_back("Content-Type", f.type);
    const auto via =
      d.hit({.target = f.target, .body = f.body, .headers = headers});
    CHECK(via->status() == f.status);
    CHECK(via->body().size() < 1000);
  }
}

TEST_CASE("a device code is its client's", "[actors][oauth][attack][device]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto other = d.register_other();
  const auto begun =
    d.send_form("/device_authorization", {{"client_id", client}});
  const auto told = json::parse(begun->body()).as_object();
  const std::string code(told.at("device_code").as_string());
  const field_list poll{
    {"grant_type", "urn:ietf:params:oauth:grant-type:device_code"},
    {"client_id", client},
    {"device_code", code}};
  for (const auto& t : std::vector<twist>{
         twist{"another client", {{"client_id", other}}, "invalid_grant"},
         twist{"the user's code",
               {{"device_code", std::string(told.at("user_code").as_string())}},
               "invalid_grant"},
         twist{
           "touched", {{"device_code", flipped(code, 30)}}, "invalid_grant"},
         twist{"none", {{"device_code", ""}}, "invalid_grant"}}) {
    CAPTURE(t.what);
    const auto via = d.send_form("/token", changed(poll, t.changes));
    CHECK(d.error_of(*via) == t.error);
  }
}

TEST_CASE("a device that asks too often has to wait longer",
          "[actors][oauth][attack][device]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto begun =
    d.send_form("/device_authorization", {{"client_id", client}});
  const field_list poll{
    {"grant_type", "urn:ietf:params:oauth:grant-type:device_code"},
    {"client_id", client},
    {"device_code",
     std::string(json::parse(begun->body()).at("device_code").as_string())}};
  const auto next = [&](int after) {
    d.unix_now += after;
    return d.error_of(*d.send_form("/token", poll));
  };
  CHECK(next(0) == "authorization_pending");
  CHECK(next(1) == "slow_down");
  CHECK(next(6) == "slow_down"); // ten seconds by now
  CHECK(next(16) == "authorization_pending");
}

TEST_CASE("registrations, devices and checks of keys are bounded",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  d.rules->max_registrations = 3;
  d.rules->max_devices = 2;
  d.rules->max_checks = 1;
  const auto client = d.register_client();
  const request_sketch registration{
    .target = "/register",
    .body = R"({"redirect_uris":["https://a.example/"]})",
    .headers = {{"Content-Type", "application/json"}}};
  d.register_client();
  d.register_client();
  const auto refused = d.hit(registration);
  CHECK(refused->status() == 429);
  CHECK_FALSE(refused->header("Retry-After").empty());
  d.peer = "198.51.100.9:1";
  CHECK(d.hit(registration)->status() == 201);

  const field_list device{{"client_id", client}};
  CHECK(d.send_form("/device_authorization", device)->status() == 200);
  CHECK(d.send_form("/device_authorization", device)->status() == 200);
  CHECK(d.send_form("/device_authorization", device)->status() == 429);

  d.open_link(d.question(client));
  const auto fields = d.filled_in();
  const auto first = d.submit("/authorize", fields);
  d.actor = d.connect();
  const auto second = d.submit("/authorize", d.filled_in(bob_key));
  CHECK(second->status() == 400);
  CHECK(d.signing_in->problem.find("Too many") != std::string::npos);
  d.wandb_knows("alice");
  CHECK(first->status() == 303);
}

TEST_CASE("one code redeemed twice at once gives once",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto fields = d.redemption(client, d.allow(d.question(client)));
  std::vector<std::shared_ptr<recorded_exchange>> answers;
  auto request = [&] {
    auto r = std::make_shared<net::http_request>();
    r->method = http::verb::post;
    r->target = "/token";
    r->headers.set("Host", "mcp.example.com");
    r->headers.set("Content-Type", "application/x-www-form-urlencoded");
    r->body = encoded(fields);
    return r;
  };
  for (int i = 0; i < 4; ++i) {
    answers.push_back(std::make_shared<recorded_exchange>());
    caf::anon_send(d.connect(), http_arrival{request(), answers.back()});
  }
  d.run();
  CHECK(std::count_if(answers.begin(), answers.end(),
                      [](const auto& a) { return a->status() == 200; })
        == 1);
}

TEST_CASE("the introspection endpoint is the operator's alone",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto t = d.connect_client(client);
  for (const auto& authorization : std::vector<std::string>{
         "", "Bearer wrong", "Bearer ", "Bearer the operator's own secreT",
         "the operator's own secret", "Bearer " + t.access,
         "Bearer " + alice_key}) {
    CAPTURE(authorization);
    header_map headers;
    if (!authorization.empty())
      headers.emplace_back("Authorization", authorization);
    const auto via = d.send_form("/introspect", {{"token", t.access}}, headers);
    CHECK(via->status() == 401);
    CHECK(d.error_of(*via) == "invalid_client");
  }
}

TEST_CASE("without a secret there is no introspection",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  d.rules->introspection = {};
  for (const auto* given : {"", "Bearer ", "Bearer x"})
    CHECK(
      d.send_form("/introspect", {{"token", "x"}}, {{"Authorization", given}})
        ->status()
      == 401);
}

TEST_CASE("a client with a secret is nobody without it",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  const auto registered =
    d.hit({.target = "/register",
           .body = json::serialize(
             json::object{{"client_name", "Claude"},
                          {"token_endpoint_auth_method", "client_secret_post"},
                          {"redirect_uris", {claude_uri}}}),
           .headers = {{"Content-Type", "application/json"}}});
  REQUIRE(registered->status() == 201);
  const auto told = json::parse(registered->body()).as_object();
  const std::string client(told.at("client_id").as_string());
  const std::string password(told.at("client_secret").as_string());
  const auto fields = d.redemption(client, d.allow(d.question(client)));
  CHECK(d.error_of(*d.send_form("/token", fields)) == "invalid_client");
  CHECK(d.error_of(
          *d.send_form("/token", changed(fields, {{"client_secret", "wrong"}})))
        == "invalid_client");
  CHECK(d.error_of(*d.send_form("/token",
                                changed(fields, {{"client_secret", password}}),
                                {{"Authorization", "Basic eDp5"}}))
        == "invalid_request");
  const auto t = d.tokens_in(
    *d.send_form("/token", changed(fields, {{"client_secret", password}})));
  CHECK(d.error_of(*d.refresh(client, t.refresh)) == "invalid_client");
  CHECK(d.error_of(
          *d.send_form("/revoke", {{"client_id", client}, {"token", t.access}}))
        == "invalid_client");
  CHECK(d.call(t.access)->status() == 200);
}

TEST_CASE("revoking is for the client that has the token",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto other = d.register_other();
  const auto t = d.connect_client(client);
  CHECK(d.send_form("/revoke", {{"client_id", other}, {"token", t.access}})
          ->status()
        == 400);
  CHECK(
    d.send_form("/revoke", {{"client_id", other}, {"token", "wba.x"}})->status()
    == 200);
  CHECK(d.call(t.access)->status() == 200);
}

TEST_CASE("only the right methods", "[actors][oauth][attack]") {
  sign_in_desk d;
  const auto [path, method] = GENERATE(
    std::pair{"/token", http::verb::get}, std::pair{"/token", http::verb::put},
    std::pair{"/register", http::verb::get},
    std::pair{"/revoke", http::verb::get},
    std::pair{"/introspect", http::verb::get},
    std::pair{"/device_authorization", http::verb::get},
    std::pair{"/authorize", http::verb::put},
    std::pair{"/connect", http::verb::delete_},
    std::pair{"/.well-known/oauth-protected-resource", http::verb::post});
  CAPTURE(path);
  const auto via = d.hit({.method = method, .target = path});
  CHECK(via->status() == 405);
  CHECK_FALSE(via->header("Allow").empty());
}
