// Whoever tries to get at somebody else's key, token or browser.

#include "tests/actors/sign_in.hpp"

using namespace mcp;
using namespace mcp::testing;

namespace {

/// A field of a sound request that is changed (or removed), and the answer.
struct twist {
  const char* what;
  field_list changes;
  const char* error;
  int status = 400;
};

std::string flipped(std::string text, std::size_t at) {
  text[at] = text[at] == 'A' ? 'B' : 'A';
  return text;
}

} // namespace

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

TEST_CASE("a refresh token that is used twice ends its family",
          "[actors][oauth][attack]") {
  sign_in_desk d;
  const auto client = d.register_client();
  const auto stolen = d.connect_client(client);
  const auto unrelated = d.connect_client(client);
  const auto thief_first = d.tokens_in(*d.refresh(client, stolen.refresh));
  CHECK(d.error_of(*d.refresh(client, stolen.refresh)) == "invalid_grant");
  CHECK(d.call(thief_first.access)->status() == 401);
  CHECK(d.call(stolen.access)->status() == 401);
  CHECK(d.error_of(*d.refresh(client, thief_first.refresh)) == "invalid_grant");
  CHECK(d.call(unrelated.access)->status() == 200);
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
    CHECK(tried().find("not the form") != std::string::npos);
  CHECK(tried().find("Too many") != std::string::npos);
  d.peer = "198.51.100.9:1";
  CHECK(tried().find("not the form") != std::string::npos);
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
  CHECK(d.signing_in->problem.find("could not be asked") != std::string::npos);
  CHECK_FALSE(d.submit("/authorize", d.filled_in())->response); // it is asked
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
