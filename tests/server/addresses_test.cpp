#include "server/addresses.hpp"
#include "server/ready_line.hpp"
#include "server/wiring.hpp"
#include "tests/server/reading.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace mcp;
using namespace mcp::testing;

namespace {

/// A working directory of its own, gone with the test.
class folder {
public:
  folder() : before_(std::filesystem::current_path()) {
    std::string name =
      (std::filesystem::temp_directory_path() / "mcp-XXXXXX").string();
    if (!mkdtemp(name.data()))
      throw std::runtime_error("no temporary folder");
    path_ = name;
    std::filesystem::current_path(path_);
  }
  ~folder() {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(path_);
  }
  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(path_ / name) << text;
    return (path_ / name).string();
  }
  std::string path() const { return path_.string(); }

private:
  std::filesystem::path before_;
  std::filesystem::path path_;
};

const std::vector<std::string> stdio{"--transport", "stdio"};

} // namespace

TEST_CASE("the app's URL follows from the API's", "[server]") {
  CHECK(app_url_of("https://api.wandb.ai") == "https://wandb.ai");
  CHECK(app_url_of("https://api.acme.example") == "https://app.acme.example");
  CHECK(app_url_of("http://api.wandb.test") == "http://app.wandb.test");
  CHECK(app_url_of("https://wandb.acme.example")
        == "https://wandb.acme.example");
  CHECK(app_url_of("http://127.0.0.1:9000") == "http://127.0.0.1:9000");
}

TEST_CASE("traces are asked for where the key belongs", "[server]") {
  CHECK(read({})->trace_server_url == "https://trace.wandb.ai");
  CHECK(read({}, {{"WANDB_BASE_URL", "https://API.wandb.ai/"}})
          ->trace_server_url
        == "https://trace.wandb.ai");
  for (const auto* base :
       {"https://acme.wandb.io", "https://api.acme.example",
        "https://wandb.acme.example/sub", "http://127.0.0.1:9000"}) {
    const auto s = read({}, {{"WANDB_BASE_URL", base}});
    REQUIRE(s.has_value());
    CHECK(s->trace_server_url == std::string(base) + "/traces");
    CHECK(upstream_options_of(*s)->trace_url == s->trace_server_url);
    CHECK_THAT(at_a_glance(*s),
               Catch::Contains("traces at " + s->trace_server_url));
  }
  // Explicit is the operator's word.
  CHECK(read({}, {{"WANDB_BASE_URL", "https://acme.wandb.io"},
                  {"WF_TRACE_SERVER_URL", "https://t.example"}})
          ->trace_server_url
        == "https://t.example");
}

TEST_CASE("an internal address is called and never shown", "[server]") {
  const auto s =
    read({}, {{"WANDB_BASE_URL", "https://wandb.acme.example"},
              {"WANDB_INTERNAL_BASE_URL", "http://api.svc:8080/"}});
  REQUIRE(s.has_value());
  CHECK(upstream_options_of(*s)->api_url == "http://api.svc:8080");
  CHECK(upstream_options_of(*s)->trace_url
        == "https://wandb.acme.example/traces");
  CHECK(s->app_url == "https://wandb.acme.example");
  CHECK_THAT(at_a_glance(*s), !Catch::Contains("api.svc"));
  CHECK_FALSE(say(s->hints, "api.svc"));
  // Whose W&B is it, that a key would go to trace.wandb.ai?
  const auto guess = read({}, {{"WANDB_INTERNAL_BASE_URL", "http://api.svc"}});
  REQUIRE_FALSE(guess.has_value());
  CHECK_THAT(guess.error().message, Catch::Contains("WANDB_BASE_URL"));
}

TEST_CASE("an address that can't be W&B's API is told so", "[server]") {
  for (const auto* base : {"https://wandb.ai", "https://app.wandb.ai",
                           "http://api.wandb.ai"}) {
    const auto s = read({}, {{"WANDB_BASE_URL", base}});
    REQUIRE_FALSE(s.has_value());
    CHECK_THAT(s.error().message, Catch::Contains("https://api.wandb.ai"));
  }
  CHECK(say(read({}, {{"WANDB_BASE_URL", "http://wandb.acme.example"}})->hints,
            "unencrypted"));
  CHECK(read({}, {{"WANDB_BASE_URL", "http://127.0.0.1:1"}})->hints.empty());
}

TEST_CASE("a .env file does not say where somebody else's key goes",
          "[server]") {
  folder here;
  const auto name = GENERATE(as<std::string>{}, "WANDB_BASE_URL",
                             "WANDB_INTERNAL_BASE_URL", "WF_TRACE_SERVER_URL");
  const std::map<std::string, std::string> with_key{
    {"WANDB_API_KEY", some_key}};
  here.write(".env", name + "=https://elsewhere.example\n");
  const auto s = read(stdio, with_key);
  REQUIRE_FALSE(s.has_value());
  CHECK_THAT(s.error().message, Catch::Contains(name + " in .env"));

  // Here the key is not sent, but users' keys are.
  const auto http = read({}, with_key);
  if (name != "WANDB_INTERNAL_BASE_URL") {
    REQUIRE(http.has_value());
    CHECK(say(http->hints, name + " in .env says where users' keys go"));
  }
  auto disabled = with_key;
  disabled["MCP_AUTH_DISABLED"] = "true";
  CHECK_FALSE(read({}, disabled).has_value());

  // The whole configuration of one W&B is fine.
  here.write(".env", "WANDB_BASE_URL=https://elsewhere.example\n" + name
                       + "=https://elsewhere.example\nWANDB_API_KEY="
                       + some_key + "\n");
  CHECK(read(stdio).has_value());
}

TEST_CASE("a key of ~/.netrc goes to the host it stands for", "[server]") {
  folder here;
  here.write(".netrc",
             "machine acme.example login user password " + some_key + "\n");
  here.write(".env", "WANDB_BASE_URL=https://acme.example\n");
  const std::map<std::string, std::string> home{{"HOME", here.path()}};
  const auto s = read(stdio, home);
  REQUIRE(s.has_value());
  CHECK(s->wandb_api_key.reveal() == some_key);
  CHECK(s->trace_server_url == "https://acme.example/traces");
  here.write(".env", "WANDB_BASE_URL=https://acme.example\n"
                     "WF_TRACE_SERVER_URL=https://elsewhere.example\n");
  CHECK_FALSE(read(stdio, home).has_value());
}

TEST_CASE("certificate files are looked into at the start", "[server]") {
  folder here;
  const auto no_certificate = here.write("text.pem", "certificate\n");
  const auto broken =
    here.write("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n"
                             "-----END CERTIFICATE-----\n");
  for (const auto* variable : {"WANDB_CA_FILE", "SSL_CERT_FILE"}) {
    const auto says = [&](const std::string& path, const char* what) {
      const auto s = read({}, {{variable, path}});
      REQUIRE_FALSE(s.has_value());
      CHECK_THAT(s.error().message, Catch::Contains(variable)
                                      && Catch::Contains(path)
                                      && Catch::Contains(what));
    };
    says("/no/such.pem", "No such file");
    says(here.path(), "not a file");
    says(no_certificate, "holds no certificate");
    says(broken, "holds no certificate");
  }
  const std::string bundle = "/etc/ssl/certs/ca-certificates.crt";
  if (!std::filesystem::exists(bundle))
    return;
  const auto beside = read({"--ca_file", bundle});
  REQUIRE(beside.has_value());
  CHECK(http_client_options_of(*beside).ca_file == bundle);
  CHECK(http_client_options_of(*beside).trust_system);
  const auto instead = read({}, {{"SSL_CERT_FILE", bundle}});
  REQUIRE(instead.has_value());
  CHECK(http_client_options_of(*instead).ca_file == bundle);
  CHECK_FALSE(http_client_options_of(*instead).trust_system);
  CHECK_FALSE(read({"--ca_file", bundle, "--ssl_cert_file", bundle})
                .has_value());
}
