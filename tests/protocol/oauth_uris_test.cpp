#include "protocol/oauth/client.hpp"
#include "protocol/oauth/form.hpp"
#include "protocol/oauth/pkce.hpp"
#include "protocol/oauth/redirect_uri.hpp"
#include "protocol/oauth/scope.hpp"
#include "tests/catch.hpp"

using namespace mcp;
using namespace mcp::oauth;

TEST_CASE("a redirect URI that a client may register", "[protocol][oauth]") {
  const std::string uri = GENERATE(
    as<std::string>{}, "https://claude.ai/api/mcp/auth_callback",
    "https://chatgpt.com/connector_platform_oauth_redirect",
    "https://client.example:8443/cb?keep=this", "http://127.0.0.1/callback",
    "http://127.0.0.1:33418/", "http://[::1]:1/cb", "http://localhost:3000/cb",
    "cursor://anysphere.cursor-retrieval/oauth/callback", "com.example.app:/cb",
    "vscode://vscode.github-authentication");
  CAPTURE(uri);
  CHECK(check_redirect_uri(uri).has_value());
}

TEST_CASE("redirect URIs that would lead elsewhere are refused",
          "[protocol][oauth][attack]") {
  const std::string uri = GENERATE(
    as<std::string>{}, "", "claude.ai/cb", "/cb", "//evil.example/cb",
    "http://evil.example/cb", "http://127.0.0.1.evil.example/cb",
    "http://localhost.evil.example/", "http://127.1/cb", "http://0.0.0.0/cb",
    "http://2130706433/cb", "https://claude.ai@evil.example/cb",
    "https://user:pw@claude.ai/cb", "https://claude.ai/cb#fragment",
    "https://claude.ai\\@evil.example/",
    "https://claude.ai/cb\r\nLocation: https://evil.example",
    "https://cl\xc3\xa4ude.ai/cb", "https://claude.ai/c b", "https:///cb",
    "https://:443/cb", "https://claude.ai:port/cb", "https://[fe80::1]/cb",
    "HTTPS://claude.ai/cb", "https://CLAUDE.ai/cb", "javascript:alert(1)",
    "data:text/html,x", "file:///etc/passwd", "vbscript:x",
    "blob:https://claude.ai/x", "about:blank", "ws://claude.ai/",
    "intent://x#Intent;end", "ftp://claude.ai/", "com.example.app://a@b/cb",
    "https://claude.ai/<script>", "1app:/cb", "app_x:/cb");
  CAPTURE(uri);
  const auto checked = check_redirect_uri(uri);
  REQUIRE_FALSE(checked.has_value());
  CHECK(checked.error().error == "invalid_redirect_uri");
  CHECK_FALSE(checked.error().description.empty());
}

TEST_CASE("a redirect URI is the registered one to the letter",
          "[protocol][oauth][attack]") {
  struct row {
    const char *registered, *asked;
    bool same;
  };
  const auto r = GENERATE(
    row{"https://claude.ai/cb", "https://claude.ai/cb", true},
    row{"https://claude.ai/cb", "https://claude.ai/cb/", false},
    row{"https://claude.ai/cb", "https://claude.ai/cb/../evil", false},
    row{"https://claude.ai/cb", "https://claude.ai/CB", false},
    row{"https://claude.ai/cb", "https://claude.ai/c%62", false},
    row{"https://claude.ai/cb", "https://claude.ai/cb?x=1", false},
    row{"https://claude.ai/cb", "https://claude.ai/cb%2f", false},
    row{"https://claude.ai/cb", "https://claude.ai:443/cb", false},
    row{"https://claude.ai/cb", "https://claude.ai.evil.example/cb", false},
    row{"https://claude.ai/cb", "https://evil.example/cb", false},
    row{"https://claude.ai/cb", "http://claude.ai/cb", false},
    row{"http://127.0.0.1/cb", "http://127.0.0.1:51004/cb", true},
    row{"http://localhost:1/cb", "http://localhost:2/cb", true},
    row{"http://[::1]/cb", "http://[::1]:9/cb", true},
    row{"http://127.0.0.1/cb", "http://127.0.0.1:51004/other", false},
    row{"http://127.0.0.1/cb", "http://localhost:51004/cb", false},
    row{"http://127.0.0.1/cb", "http://127.0.0.1:80@evil.example/cb", false},
    row{"http://127.0.0.1/cb", "https://127.0.0.1/cb", false},
    row{"http://127.0.0.1:8080", "http://127.0.0.1:8080/", true},
    row{"http://127.0.0.1:8080/", "http://127.0.0.1:8080", true},
    row{"http://localhost", "http://localhost:99/", true},
    row{"http://[::1]:1?a=b", "http://[::1]:2/?a=b", true},
    row{"http://127.0.0.1:8080", "http://127.0.0.1:8080//", false},
    row{"http://127.0.0.1:8080", "http://127.0.0.1:8080/cb", false},
    row{"http://127.0.0.1:8080/cb", "http://127.0.0.1:8080/cb/", false},
    row{"https://claude.ai", "https://claude.ai/", false},
    row{"app://x", "app://x/", false},
    row{"http://127.0.0.1/cb", "http://127.0.0.1:123456/cb", false},
    row{"com.example.app:/cb", "com.example.app:/cb2", false});
  CAPTURE(r.registered, r.asked);
  CHECK(same_redirect_uri(r.registered, r.asked) == r.same);
}

TEST_CASE("a token request repeats its redirect URI", "[protocol][oauth]") {
  const std::string first = "http://127.0.0.1:8080";
  CHECK(repeats_redirect_uri(first, first));
  CHECK(repeats_redirect_uri(first, first + "/"));
  CHECK_FALSE(repeats_redirect_uri(first, "http://127.0.0.1:8081/"));
  CHECK_FALSE(repeats_redirect_uri(first, "http://localhost:8080/"));
  CHECK_FALSE(repeats_redirect_uri(first, first + "/x"));
  CHECK_FALSE(
    repeats_redirect_uri("https://claude.ai", "https://claude.ai/"));
}

TEST_CASE("people are told where they go", "[protocol][oauth]") {
  CHECK(redirect_target("https://claude.ai/cb") == "claude.ai");
  CHECK(redirect_target("http://127.0.0.1:99/cb")
        == "a program on this computer (127.0.0.1)");
  CHECK(redirect_target("cursor://x/cb") == "the app cursor on this device");
  CHECK(redirect_source("https://claude.ai:8443/cb")
        == "https://claude.ai:8443");
  CHECK(redirect_source("http://[::1]:99/cb") == "http:");
  CHECK(redirect_source("cursor://x/cb") == "cursor:");
  CHECK(leaves_device("https://claude.ai/cb"));
  CHECK_FALSE(leaves_device("http://localhost:1/cb"));
  CHECK_FALSE(leaves_device("cursor://x/cb"));
}

TEST_CASE("only a public-looking https URL names a metadata document",
          "[protocol][oauth][attack]") {
  struct row {
    const char* id;
    bool is;
  };
  const auto r = GENERATE(
    row{"https://client.example/oauth.json", true},
    row{"https://client.example:8443/a/b", true},
    row{"http://client.example/oauth.json", false},
    row{"https://client.example", false}, row{"https://client.example/", false},
    row{"https://client.example/x?y=1", false},
    row{"https://client.example/x#y", false},
    row{"https://client.example/../x", false},
    row{"https://client.example/a/./b", false},
    row{"https://client.example/%2e%2e/x", false},
    row{"https://user@client.example/x", false},
    row{"https://localhost/x", false}, row{"https://127.0.0.1/x", false},
    row{"https://127.1/x", false}, row{"https://0x7f.1/x", false},
    row{"https://2130706433/x", false}, row{"https://[::1]/x", false},
    row{"https://169.254.169.254/latest", false},
    row{"https://.example/x", false}, row{"https://example./x", false},
    row{"wbc.abc", false}, row{"", false});
  CAPTURE(r.id);
  CHECK(is_document_url(r.id) == r.is);
}

TEST_CASE("forms are read to the byte", "[protocol][oauth]") {
  const auto f = form::parse("a=1&b=%C3%A4+x&c=&d&=e");
  REQUIRE(f.has_value());
  CHECK(f->get("a") == "1");
  CHECK(f->get("b") == "\xc3\xa4 x");
  CHECK(f->get("c").empty());
  CHECK(f->get("nothing").empty());
  CHECK(form::parse("")->get("a").empty());
  const form out{{"a b", "c&d=e"}, {"f", "\xc3\xa4"}};
  CHECK(out.encoded() == "a%20b=c%26d%3De&f=%C3%A4");
  CHECK(form::parse(out.encoded())->get("a b") == "c&d=e");
  CHECK(with_query("https://x/cb", {{"a", "1"}}) == "https://x/cb?a=1");
  CHECK(with_query("https://x/cb?k=v", {{"a", "1"}}) == "https://x/cb?k=v&a=1");
  CHECK(query_of("/authorize?x=1") == "x=1");
  CHECK(query_of("/authorize").empty());
}

TEST_CASE("forms that hide something are refused",
          "[protocol][oauth][attack]") {
  std::string many, twice = "redirect_uri=a&redirect_uri=b";
  for (int i = 0; i < 65; ++i)
    many += "f" + std::to_string(i) + "=1&";
  const std::string text = GENERATE_COPY(
    as<std::string>{}, twice, many, std::string(form::max_bytes + 1, 'a'),
    "a=%", "a=%1", "a=%zz", "%=1", "client%5Fid=a&client_id=b");
  const auto f = form::parse(text);
  REQUIRE_FALSE(f.has_value());
  CHECK(f.error().error == "invalid_request");
}

TEST_CASE("a resource may be named twice, if it is the same",
          "[protocol][oauth]") {
  const auto f = form::parse("resource=a%2Fb&x=1&resource=a/b&resource=a%2fb");
  REQUIRE(f.has_value());
  CHECK(f->get("resource") == "a/b");
  CHECK(f->encoded() == "resource=a%2Fb&x=1");
  CHECK_FALSE(form::parse("resource=a&resource=b").has_value());
  CHECK_FALSE(form::parse("resource=a&resource=").has_value());
  CHECK_FALSE(form::parse("scope=a&scope=a").has_value());
}

TEST_CASE("a verifier proves itself as in RFC 7636, appendix B",
          "[protocol][oauth]") {
  const std::string verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  const std::string challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
  CHECK(matches(challenge, verifier));
  CHECK_FALSE(matches(challenge, ""));
  CHECK_FALSE(matches(challenge, challenge));
  CHECK_FALSE(matches(verifier, verifier)); // the method "plain"
  CHECK_FALSE(matches(challenge, verifier + "A"));
  CHECK_FALSE(matches(challenge + "=", verifier));
  CHECK_FALSE(is_verifier(std::string(42, 'a')));
  CHECK(is_verifier(std::string(128, '~')));
  CHECK_FALSE(is_verifier(std::string(129, 'a')));
  CHECK_FALSE(is_verifier(std::string(50, '+')));
  CHECK_FALSE(is_challenge(std::string(43, '=')));
}

TEST_CASE("scopes are what we know of them", "[protocol][oauth]") {
  CHECK_FALSE(parse_scopes("").write);
  CHECK_FALSE(parse_scopes("openid wandb:read").write);
  CHECK_FALSE(parse_scopes("wandb:writeX WANDB:WRITE").write);
  CHECK(parse_scopes("  wandb:write").write);
  CHECK(to_text(scopes{}) == "wandb:read");
  CHECK(to_text(scopes{.write = true}) == "wandb:read wandb:write");
  CHECK(within({}, {.write = true}));
  CHECK_FALSE(within({.write = true}, {}));
}
