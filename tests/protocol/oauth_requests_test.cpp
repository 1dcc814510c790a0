#include "protocol/oauth/authorize.hpp"
#include "protocol/oauth/token_request.hpp"
#include "tests/catch.hpp"

#include <boost/json.hpp>

using namespace mcp;
using namespace mcp::oauth;
namespace json = boost::json;

namespace {

const issuer us{.url = "https://mcp.example.com", .introspection = false};
const std::string challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const std::string verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

client claude() {
  client c;
  c.id = "c";
  c.name = "Claude";
  c.redirect_uris = {"https://claude.ai/cb"};
  return c;
}

form good_query() {
  return {{"client_id", "c"},
          {"response_type", "code"},
          {"redirect_uri", "https://claude.ai/cb"},
          {"code_challenge", challenge},
          {"code_challenge_method", "S256"},
          {"state", "s&s"},
          {"resource", "https://mcp.example.com/mcp"},
          {"scope", "wandb:read wandb:write"}};
}

form changed(const form& f, std::string_view name, std::string value) {
  form out;
  for (const char* n :
       {"client_id", "response_type", "redirect_uri", "code_challenge",
        "code_challenge_method", "state", "resource", "scope", "response_mode",
        "grant_type", "code", "code_verifier"})
    out.add(n, n == name ? value : std::string(f.get(n)));
  return out;
}

} // namespace

TEST_CASE("a sound authorization request waits for its user",
          "[protocol][oauth]") {
  const auto checked = check_authorize(good_query(), claude(), us);
  const auto* r = std::get_if<pending_request>(&checked);
  REQUIRE(r);
  CHECK(r->redirect_uri == "https://claude.ai/cb");
  CHECK(r->challenge == challenge);
  CHECK(r->asked.write);
  CHECK(r->resource == us.resource());
  CHECK(answer_with_code(*r, "x", us)
        == "https://claude.ai/cb?code=x&state=s%26s&iss="
           "https%3A%2F%2Fmcp.example.com");
}

TEST_CASE("a request that can not be trusted with a redirect gets none",
          "[protocol][oauth][attack]") {
  const std::string uri =
    GENERATE(as<std::string>{}, "https://evil.example/cb",
             "https://claude.ai/cb/x", "https://claude.ai/CB",
             "https://claude.ai@evil.example/cb", "javascript:alert(1)",
             "https://claude.ai/cb%2F..", "https://claude.ai/cb#");
  const auto checked =
    check_authorize(changed(good_query(), "redirect_uri", uri), claude(), us);
  CHECK(std::holds_alternative<tell_person>(checked));
}

TEST_CASE("without redirect_uri a client must have just one",
          "[protocol][oauth]") {
  auto c = claude();
  CHECK(std::holds_alternative<pending_request>(
    check_authorize(changed(good_query(), "redirect_uri", ""), c, us)));
  c.redirect_uris.push_back("https://claude.com/cb");
  CHECK(std::holds_alternative<tell_person>(
    check_authorize(changed(good_query(), "redirect_uri", ""), c, us)));
}

TEST_CASE("a client is told what is wrong with its request",
          "[protocol][oauth][attack]") {
  struct row {
    const char *name, *value, *error;
  };
  const auto r = GENERATE(
    row{"response_type", "", "invalid_request"},
    row{"response_type", "token", "unsupported_response_type"},
    row{"response_type", "code id_token", "unsupported_response_type"},
    row{"response_mode", "fragment", "invalid_request"},
    row{"code_challenge", "", "invalid_request"},
    row{"code_challenge", "short", "invalid_request"},
    row{"code_challenge_method", "", "invalid_request"},
    row{"code_challenge_method", "plain", "invalid_request"},
    row{"code_challenge_method", "s256", "invalid_request"},
    row{"resource", "https://other.example/mcp", "invalid_target"},
    row{"resource", "https://mcp.example.com.evil.example/mcp",
        "invalid_target"},
    row{"resource", "http://mcp.example.com/mcp", "invalid_target"},
    row{"resource", "https://mcp.example.com/mcp/other", "invalid_target"});
  CAPTURE(r.name, r.value);
  const auto checked =
    check_authorize(changed(good_query(), r.name, r.value), claude(), us);
  const auto* told = std::get_if<tell_client>(&checked);
  REQUIRE(told);
  CHECK(told->location.starts_with("https://claude.ai/cb?error="));
  const auto answer = form::parse(query_of(told->location));
  CHECK(answer->get("error") == r.error);
  CHECK(answer->get("state") == "s&s");
  CHECK(answer->get("iss") == us.url);
}

TEST_CASE("a state that is too long is not sent back",
          "[protocol][oauth][attack]") {
  const auto checked = check_authorize(
    changed(good_query(), "state", std::string(2049, 's')), claude(), us);
  const auto* told = std::get_if<tell_client>(&checked);
  REQUIRE(told);
  CHECK(told->location.size() < 300);
}

TEST_CASE("a code is for its client, its redirect URI and its verifier",
          "[protocol][oauth][attack]") {
  code c;
  c.what.client = client_tag("c");
  c.redirect_uri = "https://claude.ai/cb";
  c.challenge = challenge;
  const form good{{"redirect_uri", "https://claude.ai/cb"},
                  {"code_verifier", verifier},
                  {"resource", "https://mcp.example.com/mcp/"}};
  CHECK(check_code(c, good, "c", us).has_value());
  CHECK(check_code(c, good, "d", us).error().error == "invalid_grant");
  struct row {
    const char *name, *value, *error;
  };
  const auto r =
    GENERATE(row{"code_verifier", "", "invalid_request"},
             row{"code_verifier", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
                 "invalid_grant"},
             row{"code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl",
                 "invalid_grant"},
             row{"redirect_uri", "https://evil.example/cb", "invalid_grant"},
             row{"redirect_uri", "https://claude.ai/cb/", "invalid_grant"},
             row{"resource", "https://other.example/mcp", "invalid_target"});
  CAPTURE(r.name, r.value);
  const auto checked = check_code(c, changed(good, r.name, r.value), "c", us);
  REQUIRE_FALSE(checked.has_value());
  CHECK(checked.error().error == r.error);
}

TEST_CASE("a refresh gives no more than was granted",
          "[protocol][oauth][attack]") {
  token t;
  t.what.client = client_tag("c");
  CHECK_FALSE(check_refresh(t, {}, "c", us)->write);
  CHECK(check_refresh(t, {{"scope", "wandb:write"}}, "c", us).error().error
        == "invalid_scope");
  CHECK(check_refresh(t, {}, "d", us).error().error == "invalid_grant");
  CHECK(
    check_refresh(t, {{"resource", "https://x.example"}}, "c", us).error().error
    == "invalid_target");
  t.what.allowed.write = true;
  CHECK(check_refresh(t, {}, "c", us)->write);
  CHECK_FALSE(check_refresh(t, {{"scope", "wandb:read"}}, "c", us)->write);
}

TEST_CASE("a client says who it is in one way", "[protocol][oauth]") {
  const auto in_body =
    read_credentials("", {{"client_id", "c"}, {"client_secret", "p"}});
  REQUIRE(in_body.has_value());
  CHECK(in_body->id == "c");
  CHECK(in_body->password.reveal() == "p");
  // "c%3Ad:p+q"
  const auto basic = read_credentials("basic YyUzQWQ6cCtx", {});
  REQUIRE(basic.has_value());
  CHECK(basic->id == "c:d");
  CHECK(basic->password.reveal() == "p q");
}

TEST_CASE("credentials that are none are refused",
          "[protocol][oauth][attack]") {
  struct row {
    const char* header;
    form body;
    const char* error;
  };
  const auto r =
    GENERATE(row{"", {}, "invalid_client"}, row{"Basic", {}, "invalid_client"},
             row{"Basic !!!", {}, "invalid_client"},
             row{"Basic YWJj", {}, "invalid_client"}, // no colon
             row{"Basic OnA=", {}, "invalid_client"}, // no name
             row{"Bearer abc", {{"client_id", "c"}}, "invalid_client"},
             row{"Basic YzpwCg==", {{"client_secret", "p"}}, "invalid_request"},
             row{"Basic Yzpw", {{"client_id", "other"}}, "invalid_request"});
  CAPTURE(r.header);
  const auto read = read_credentials(r.header, r.body);
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().error == r.error);
}

TEST_CASE("a client with a secret has to show it",
          "[protocol][oauth][attack]") {
  const sealer seals(seal_keys::random());
  auto c = claude();
  c.confidential = true;
  const auto with = [&](std::string_view password) {
    return check_credentials({.id = "c", .password = secret(password)}, c,
                             seals);
  };
  CHECK(with(seals.client_secret("c")).has_value());
  CHECK(with("").error().error == "invalid_client");
  CHECK(with("").error().status == 401);
  CHECK(with(seals.client_secret("d")).error().description
        == with("").error().description);
  c.from = client::origin::configured;
  c.configured_secret = secret("of the operator");
  CHECK(with("of the operator").has_value());
  CHECK_FALSE(with(seals.client_secret("c")).has_value());
}

TEST_CASE("a registration is read as RFC 7591 has it", "[protocol][oauth]") {
  const auto r = read_registration(
    R"({"client_name":"  Cl\u0000aude\n","client_uri":"https://claude.ai/",
        "redirect_uris":["https://claude.ai/cb"],"grant_types":
        ["authorization_code","refresh_token"],"unknown":1})",
    7);
  REQUIRE(r.has_value());
  CHECK(r->name == "Cl aude ");
  CHECK(r->uri == "https://claude.ai/");
  CHECK(r->confidential); // client_secret_basic is RFC 7591's default
  CHECK(r->issued == 7);
  const auto answer =
    json::parse(write_registration("id", *r, "secret")).as_object();
  CHECK(answer.at("client_id") == "id");
  CHECK(answer.at("client_secret") == "secret");
  CHECK(answer.at("client_secret_expires_at") == 0);
  CHECK(answer.at("client_id_issued_at") == 7);
  CHECK(read_registration(R"({"redirect_uris":["app:/cb"],
    "token_endpoint_auth_method":"none"})",
                          7)
          ->name
        == "the app app on this device");
}

TEST_CASE("a client that asks for other grants gets ours, and is told",
          "[protocol][oauth]") {
  const auto* more = GENERATE(
    R"("grant_types":["implicit"])",
    R"("grant_types":["password","client_credentials","authorization_code"])",
    R"("grant_types":null,"response_types":null)", R"("grant_types":[])",
    R"("grant_types":"authorization_code")", R"("grant_types":[null,7])",
    R"("response_types":["token","id_token"])", R"("response_types":[])",
    R"("client_name":null,"client_uri":null,"scope":null)",
    R"("token_endpoint_auth_method":null)");
  CAPTURE(more);
  const auto r = read_registration(
    std::string(R"({"redirect_uris":["app:/cb"],)") + more + "}", 7);
  REQUIRE(r.has_value());
  CHECK(r->confidential); // the default
  const auto told = json::parse(write_registration("id", *r, ""));
  CHECK(told.at("response_types") == json::array{"code"});
  CHECK(told.at("grant_types").at(0) == "authorization_code");
  CHECK(told.at("grant_types").at(1) == "refresh_token");
}

TEST_CASE("a client of devices alone needs nowhere to go",
          "[protocol][oauth]") {
  CHECK(read_registration(R"({"grant_types":["x",
    "urn:ietf:params:oauth:grant-type:device_code"]})",
                          7)
          .has_value());
  CHECK_FALSE(read_registration(R"({"grant_types":["authorization_code",
    "urn:ietf:params:oauth:grant-type:device_code"]})",
                                7)
                .has_value());
}

TEST_CASE("a name can not turn itself into another on the page",
          "[protocol][oauth][attack]") {
  const auto r = read_registration(
    R"({"client_name":"\u202eeduaC\u202c\u200b\u2066 \ufeffB\u0007\u2713",)"
    R"("redirect_uris":["https://a.example/"]})",
    7);
  REQUIRE(r.has_value());
  CHECK(r->name == "eduaC B \u2713");
}

TEST_CASE("registrations that ask for too much are refused",
          "[protocol][oauth][attack]") {
  struct row {
    std::string body;
    const char* error;
  };
  std::string many = R"({"redirect_uris":[)";
  for (int i = 0; i < 17; ++i)
    many += R"("https://a.example/)" + std::to_string(i) + R"(",)";
  many.back() = ']';
  const auto r = GENERATE_COPY(
    row{"", "invalid_client_metadata"}, row{"[]", "invalid_client_metadata"},
    row{"{}", "invalid_redirect_uri"},
    row{R"({"redirect_uris":[]})", "invalid_redirect_uri"},
    row{R"({"redirect_uris":"https://a.example/"})", "invalid_redirect_uri"},
    row{R"({"redirect_uris":[1]})", "invalid_redirect_uri"},
    row{R"({"redirect_uris":["javascript:x"]})", "invalid_redirect_uri"},
    row{R"({"redirect_uris":["http://a.example/"]})", "invalid_redirect_uri"},
    row{many + "}", "invalid_redirect_uri"},
    row{R"({"redirect_uris":["https://a.example/)" + std::string(3000, 'a')
          + R"("]})",
        "invalid_redirect_uri"},
    row{R"({"grant_types":["client_credentials"]})", "invalid_redirect_uri"},
    row{R"({"redirect_uris":null})", "invalid_redirect_uri"},
    row{R"({"redirect_uris":["app:/"],
            "token_endpoint_auth_method":"private_key_jwt"})",
        "invalid_client_metadata"});
  CAPTURE(r.body.substr(0, 80));
  const auto read = read_registration(r.body, 0);
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().error == r.error);
}

TEST_CASE("a metadata document speaks for its own URL alone",
          "[protocol][oauth][attack]") {
  const std::string url = "https://client.example/oauth.json";
  const auto document = [&](const std::string& id, const std::string& more) {
    return read_document(url, R"({"client_id":")" + id
                                + R"(","client_name":"C","redirect_uris":)"
                                  R"(["https://client.example/cb"])"
                                + more + "}");
  };
  const auto good = document(url, "");
  REQUIRE(good.has_value());
  CHECK(good->from == client::origin::document);
  CHECK(good->id == url);
  CHECK_FALSE(good->confidential);
  CHECK_FALSE(document("https://claude.ai/oauth.json", "").has_value());
  CHECK_FALSE(document(url, R"(,"client_secret":"x")").has_value());
  CHECK_FALSE(
    document(url, R"(,"token_endpoint_auth_method":"client_secret_post")")
      .has_value());
  CHECK_FALSE(read_document(url, "<html>").has_value());
  CHECK_FALSE(read_document(url, "").has_value());
}

TEST_CASE("the operator's clients are read, or the wrong one named",
          "[protocol][oauth]") {
  const auto read = read_client_file(
    R"([{"client_id":"ours","client_name":"Ours","client_secret":"s",
         "redirect_uris":["https://a.example/cb"]},
        {"client_id":"public","redirect_uris":["app:/cb"]}])");
  REQUIRE(read.has_value());
  REQUIRE(read->size() == 2);
  CHECK((*read)[0].confidential);
  CHECK_FALSE((*read)[1].confidential);
  const std::string bad =
    GENERATE(as<std::string>{}, "", "{}", "[1]",
             R"([{"redirect_uris":["app:/"]}])", R"([{"client_id":"a"}])",
             R"([{"client_id":"wbc.x","redirect_uris":["app:/"]}])",
             R"([{"client_id":"a","redirect_uris":["app:/"]},
        {"client_id":"a","redirect_uris":["app:/"]}])");
  CAPTURE(bad);
  CHECK_FALSE(read_client_file(bad).has_value());
}

TEST_CASE("metadata names what is there, and S256 alone", "[protocol][oauth]") {
  const auto resource = json::parse(resource_metadata(us)).as_object();
  CHECK(resource.at("resource") == "https://mcp.example.com/mcp");
  CHECK(resource.at("authorization_servers") == json::array{us.url});
  const auto server = json::parse(server_metadata(us)).as_object();
  CHECK(server.at("issuer") == json::value(us.url));
  CHECK(server.at("code_challenge_methods_supported") == json::array{"S256"});
  CHECK(server.at("authorization_response_iss_parameter_supported") == true);
  CHECK_FALSE(server.contains("introspection_endpoint"));
  CHECK_FALSE(server.contains("jwks_uri"));
  const issuer with{.url = us.url, .introspection = true};
  CHECK(json::parse(server_metadata(with))
          .as_object()
          .contains("introspection_endpoint"));
}

TEST_CASE("WWW-Authenticate quotes what it says", "[protocol][oauth][attack]") {
  const auto value = www_authenticate(us, challenge_reason::invalid_token,
                                      "a \"b\" \\ c\r\nX-Evil: 1");
  CHECK(value.find('\r') == value.npos);
  CHECK(value.find('\n') == value.npos);
  CHECK(value.find(R"(error_description="a \"b\" \\ c  X-Evil: 1")")
        != value.npos);
  CHECK(www_authenticate(us, challenge_reason::no_token, "x").find("error")
        == std::string::npos);
  CHECK(www_authenticate(us, challenge_reason::insufficient_scope, "x")
          .find(R"(scope="wandb:read wandb:write")")
        != std::string::npos);
}
