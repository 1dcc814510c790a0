#include "actors/client_documents.hpp"
#include "tests/actors/world.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/json.hpp>

using namespace mcp;
using namespace mcp::testing;

namespace {

const std::string url = "https://app.example/client.json";

std::string document(const std::string& id = url) {
  return boost::json::serialize(
    boost::json::object{{"client_id", id},
                        {"client_name", "App"},
                        {"redirect_uris", {"https://app.example/callback"}}});
}

struct library : world {
  client_document_options options;
  client_documents_actor actor;

  library() { start(); }
  void start() {
    actor = spawn(client_documents,
                  std::make_shared<const client_document_options>(options),
                  static_cast<upstream_gateway*>(&gateway));
  }

  /// The outcome, once it is there.
  std::shared_ptr<document_outcome> find(const std::string& id = url) {
    auto out = std::make_shared<document_outcome>();
    system.spawn(
      [this, id, out](caf::event_based_actor* me, int) {
        me->request(actor, caf::infinite, find_atom_v, id)
          .then([out](document_outcome& o) { *out = o; });
      },
      world::nothing);
    run();
    return out;
  }
  bool found(const std::shared_ptr<document_outcome>& out) {
    REQUIRE(*out);
    return (*out)->has_value();
  }
};

} // namespace

TEST_CASE("a client's document is fetched once an hour", "[actors][oauth]") {
  library l;
  const auto first = l.find();
  REQUIRE(l.gateway.sent.size() == 1);
  const auto& t = l.gateway.sent[0].transfer;
  CHECK(t.method == "GET");
  CHECK(t.url == url);
  CHECK(t.body.empty());
  l.gateway.answer(0, document());
  l.run();
  REQUIRE(l.found(first));
  CHECK((**first)->name == "App");
  CHECK((**first)->id == url);
  CHECK((**first)->from == oauth::client::origin::document);

  CHECK(l.found(l.find()));
  CHECK(l.gateway.sent.size() == 1);
  l.advance(l.options.keep);
  l.find();
  CHECK(l.gateway.sent.size() == 2);
}

TEST_CASE("who asks for a document on its way shares it", "[actors][oauth]") {
  library l;
  const auto first = l.find();
  const auto second = l.find();
  CHECK(l.gateway.sent.size() == 1);
  l.gateway.answer(0, document());
  l.run();
  CHECK(l.found(first));
  CHECK(l.found(second));
}

TEST_CASE("nothing but public addresses is connected to",
          "[actors][oauth][attack]") {
  library l;
  l.find();
  const auto& may = l.gateway.sent.at(0).transfer.may_connect;
  REQUIRE(may);
  for (const auto* address :
       {"127.0.0.1", "::1", "10.0.0.1", "172.16.3.4", "192.168.1.1",
        "169.254.169.254", "fe80::1", "fd00::1", "0.0.0.0", "::", "100.64.0.1",
        "::ffff:127.0.0.1", "224.0.0.1", "255.255.255.255"}) {
    CAPTURE(address);
    CHECK_FALSE(may(boost::asio::ip::make_address(address)));
  }
  CHECK(may(boost::asio::ip::make_address("93.184.216.34")));
  CHECK(may(boost::asio::ip::make_address("2606:2800:220:1::1")));
}

TEST_CASE("an operator's own clients may be at home", "[actors][oauth]") {
  library l;
  l.options.private_hosts = {"app.example"};
  l.start();
  l.find("https://app.example:8443/client.json");
  l.find("https://other.example/client.json");
  const auto home = boost::asio::ip::make_address("10.0.0.1");
  CHECK(l.gateway.sent.at(0).transfer.may_connect(home));
  CHECK_FALSE(l.gateway.sent.at(1).transfer.may_connect(home));
}

TEST_CASE("a document is small and quick, or not there",
          "[actors][oauth][attack]") {
  library l;
  l.find();
  CHECK(l.gateway.sent[0].transfer.max_response_bytes == 16 * 1024);
  CHECK(l.gateway.sent[0].transfer.deadline == 5s);
}

TEST_CASE("why a document can not be had is nobody's business",
          "[actors][oauth][attack]") {
  const auto refusal_for = [](net::transfer_end end, int status) {
    library l;
    const auto out = l.find();
    net::http_outcome o;
    o.end = end;
    o.status = status;
    o.body = document();
    o.detail = "connect to 10.0.0.1 port 443 failed";
    l.gateway.finish(0, o);
    l.run();
    REQUIRE_FALSE(l.found(out));
    return (*out)->error().description;
  };
  using net::transfer_end;
  const auto plain = refusal_for(transfer_end::connect_failed, 0);
  CHECK(plain.find("10.0.0.1") == std::string::npos);
  CHECK(refusal_for(transfer_end::timed_out, 0) == plain);
  CHECK(refusal_for(transfer_end::too_large, 200) == plain);
  CHECK(refusal_for(transfer_end::complete, 301) == plain);
  CHECK(refusal_for(transfer_end::complete, 302) == plain);
  CHECK(refusal_for(transfer_end::complete, 401) == plain);
  CHECK(refusal_for(transfer_end::complete, 404) == plain);
  CHECK(refusal_for(transfer_end::complete, 500) == plain);
}

TEST_CASE("a document that speaks for another is refused",
          "[actors][oauth][attack]") {
  library l;
  const auto body =
    GENERATE(as<std::string>{}, document("https://claude.ai/client.json"), "",
             "[]", "<html>", "{\"client_id\":1}",
             R"({"client_id":"https://app.example/client.json"})");
  const auto out = l.find();
  l.gateway.answer(0, body);
  l.run();
  CHECK_FALSE(l.found(out));
}

TEST_CASE("a refusal is kept for a minute", "[actors][oauth][attack]") {
  library l;
  l.find();
  l.gateway.answer(0, "", 404);
  l.run();
  CHECK_FALSE(l.found(l.find()));
  CHECK(l.gateway.sent.size() == 1);
  l.advance(l.options.keep_refusal);
  l.find();
  CHECK(l.gateway.sent.size() == 2);
}

TEST_CASE("documents are fetched a few at a time, and kept by the thousand",
          "[actors][oauth][attack]") {
  library l;
  l.options.max_running = 2;
  l.options.max_kept = 2;
  l.start();
  const auto at = [](int i) {
    return "https://app.example/" + std::to_string(i);
  };
  l.find(at(0));
  l.find(at(1));
  CHECK_FALSE(l.found(l.find(at(2))));
  CHECK(l.gateway.sent.size() == 2);
  l.gateway.answer(0, document(at(0)));
  l.gateway.answer(1, document(at(1)));
  l.run();
  l.find(at(3));
  l.gateway.answer(2, document(at(3)));
  l.run();
  CHECK(l.found(l.find(at(1))));
  CHECK(l.found(l.find(at(3))));
  CHECK(l.gateway.sent.size() == 3);
  l.find(at(0)); // made room
  CHECK(l.gateway.sent.size() == 4);
}
