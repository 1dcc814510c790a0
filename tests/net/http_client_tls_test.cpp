#include "tests/catch.hpp"
#include "tests/net/client_world.hpp"
#include "tests/net/tls_server.hpp"

using namespace mcp::net;
using namespace mcp::net::test;

namespace {

http_outcome fetch(client_world& w, const std::string& url) {
  http_transfer transfer;
  transfer.url = url;
  transfer.headers = {"Authorization: Basic c2VjcmV0"};
  w.start(std::move(transfer));
  const auto outcome = w.result();
  REQUIRE(outcome.has_value());
  return *outcome;
}

} // namespace

TEST_CASE("a server that nobody vouches for gets no request", "[net]") {
  client_world w;
  tls_server server{w, self_signed{"IP:127.0.0.1"}};
  const auto outcome = fetch(w, server.url());
  CHECK(static_cast<int>(outcome.end)
        == static_cast<int>(transfer_end::tls_failed));
  CHECK_FALSE(outcome.request_sent);
  CHECK(server.requests == 0);
}

TEST_CASE("an extra certificate file is trusted beside the system's", "[net]") {
  const self_signed identity{"IP:127.0.0.1"};
  const temporary_file file{identity.certificate};
  http_client_options options;
  options.ca_file = file.path;
  client_world w{options};
  tls_server server{w, identity};
  const auto outcome = fetch(w, server.url());
  CAPTURE(outcome.detail);
  CHECK(outcome.end == transfer_end::complete);
  CHECK(outcome.body == "secret");
  CHECK(server.requests == 1);
}

TEST_CASE("a certificate file may be all that is trusted", "[net]") {
  const self_signed identity{"IP:127.0.0.1"};
  const temporary_file file{identity.certificate};
  http_client_options options;
  options.ca_file = file.path;
  options.trust_system = false;
  client_world w{options};
  tls_server server{w, identity};
  CHECK(fetch(w, server.url()).end == transfer_end::complete);
}

TEST_CASE("a trusted certificate for another name is refused", "[net]") {
  const self_signed identity{"DNS:elsewhere.invalid"};
  const temporary_file file{identity.certificate};
  http_client_options options;
  options.ca_file = file.path;
  client_world w{options};
  tls_server server{w, identity};
  const auto outcome = fetch(w, server.url());
  CHECK(outcome.end == transfer_end::tls_failed);
  CHECK_FALSE(outcome.request_sent);
  CHECK(server.requests == 0);
}

TEST_CASE("a certificate file that isn't there is a TLS failure", "[net]") {
  http_client_options options;
  options.ca_file = "/nonexistent/ca.pem";
  client_world w{options};
  tls_server server{w, self_signed{"IP:127.0.0.1"}};
  const auto outcome = fetch(w, server.url());
  CHECK(outcome.end == transfer_end::tls_failed);
  CHECK(server.requests == 0);
}
