#include "tests/actors/world.hpp"

#include <boost/json.hpp>

#include <string>

using namespace mcp;
using namespace mcp::testing;
namespace json = boost::json;

namespace {

/// One session, its client upstream, and the peer it talks to.
struct conversation : world {
  wandb_client_actor client;
  session_actor actor;
  peer_actor from;
  std::shared_ptr<std::vector<outbound>> log;
  std::shared_ptr<session_activity> activity =
    std::make_shared<session_activity>();

  explicit conversation(version v = version::v2025_11_25) {
    client = spawn(wandb_client, secret(alice_key),
                   std::make_shared<upstream_options>(), &gateway);
    session_claims claims;
    claims.negotiated = v;
    claims.capabilities.elicitation = true;
    actor =
      spawn(session, claims, client, activity, "label", services_for_tests());
    std::tie(from, log) = peer();
    run();
  }

  void post(const std::string& text, std::uint64_t number = 1) {
    std::string padded = text;
    padded.reserve(padded.size() + 64);
    auto envelope = jsonrpc::read_envelope(padded);
    REQUIRE(envelope.has_value());
    auto batch = std::make_shared<message_batch>();
    for (auto& m : envelope->messages)
      batch->messages.push_back(std::move(*m));
    caf::anon_send(actor, inbound{from, 0, number, batch});
    run();
  }
  void call(const std::string& id, const std::string& name,
            const std::string& more = "{}", std::uint64_t number = 1) {
    post(R"({"jsonrpc":"2.0","id":)" + id
           + R"(,"method":"tools/call","params":{"name":")" + name
           + R"(","arguments":)" + more + "}}",
         number);
  }
  json::value said(std::size_t i) {
    REQUIRE(log->size() > i);
    REQUIRE((*log)[i].text);
    return json::parse(*(*log)[i].text);
  }
};

struct refusal {
  const char* message;
  int code;
};

} // namespace

TEST_CASE("ping is answered under its own id", "[actors]") {
  conversation w;
  const auto id = GENERATE(as<std::string>{}, "1", "\"1\"", "-3", "\"\"");
  CAPTURE(id);
  w.post(R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"ping"})", 9);
  REQUIRE(w.log->size() == 1);
  CHECK((*w.log)[0].post == 9);
  CHECK(*(*w.log)[0].text
        == R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":{}})");
}

TEST_CASE("tools/list gives the tools in order, with what the version has",
          "[actors]") {
  for (const auto v : supported_versions) {
    conversation w(v);
    w.post(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})");
    const auto list = w.said(0).at_pointer("/result/tools").as_array();
    REQUIRE(list.size() == 10);
    CHECK(list[0].at("name") == "echo");
    CHECK(list[1].at("name") == "fetch");
    CHECK(list[2].at("name") == "bug");
    CHECK(list[0].as_object().contains("outputSchema")
          == has_structured_content(v));
    CHECK(list[0].at_pointer("/annotations/readOnlyHint") == true);
  }
}

TEST_CASE("what can not be answered is refused with its code", "[actors]") {
  conversation w;
  const auto c = GENERATE(values<refusal>({
    {R"("method":"unknown/method")", -32601},
    {R"("method":"Ping")", -32601},
    {R"("method":"tools/List")", -32601},
    {R"("method":"tasks/get")", -32601},
    {R"("method":"server/discover")", -32601},
    {R"("method":"initialize","params":{})", -32600},
    {R"("method":"tools/list","params":{"cursor":"x"})", -32602},
    {R"("method":"tools/call")", -32602},
    {R"("method":"tools/call","params":{})", -32602},
    {R"("method":"tools/call","params":{"name":7})", -32602},
    {R"("method":"tools/call","params":{"name":"nope"})", -32602},
    {R"("method":"tools/call","params":{"name":"Echo"})", -32602},
    {R"("method":"tools/call","params":{"name":"echo","arguments":[]})",
     -32602},
    {R"("method":"tools/call","params":{"name":"echo","arguments":"x"})",
     -32602},
    {R"("method":"tools/call","params":{"name":"fetch",)"
     R"("_meta":{"progressToken":1.5}})",
     -32602},
    {R"("method":"tools/call","params":{"name":"fetch",)"
     R"("_meta":{"progressToken":{}}})",
     -32602},
  }));
  CAPTURE(c.message);
  w.post(std::string(R"({"jsonrpc":"2.0","id":4,)") + c.message + "}");
  REQUIRE(w.log->size() == 1);
  CHECK(w.said(0).at("id") == 4);
  CHECK(w.said(0).at_pointer("/error/code") == c.code);
  CHECK(w.gateway.sent.empty());
}

TEST_CASE("the guide is there as a prompt and as resources", "[actors]") {
  conversation c;
  c.post(R"({"jsonrpc":"2.0","id":1,"method":"prompts/list"})");
  CHECK(c.said(0).at_pointer("/result/prompts/0/name") == "wandb_guide");
  c.post(R"({"jsonrpc":"2.0","id":2,"method":"prompts/get",
             "params":{"name":"wandb_guide"}})");
  CHECK(c.said(1).at_pointer("/result/messages/0/role") == "user");
  c.post(R"({"jsonrpc":"2.0","id":3,"method":"resources/list"})");
  const auto uri = c.said(2).at_pointer("/result/resources/0/uri").as_string();
  c.post(R"({"jsonrpc":"2.0","id":4,"method":"resources/read",
             "params":{"uri":")"
         + std::string(uri) + "\"}}");
  CHECK(c.said(3).at_pointer("/result/contents/0/uri") == uri);
  c.post(R"({"jsonrpc":"2.0","id":5,"method":"resources/templates/list"})");
  CHECK(c.said(4).at_pointer("/result/resourceTemplates").is_array());
}

TEST_CASE("a resource that is not there has an error of its own", "[actors]") {
  conversation c;
  c.post(R"({"jsonrpc":"2.0","id":1,"method":"resources/read",
             "params":{"uri":"wandb://nothing"}})");
  CHECK(c.said(0).at_pointer("/error/code") == -32002);
  CHECK(c.said(0).at_pointer("/error/data/uri") == "wandb://nothing");
}

TEST_CASE("notifications and answers from the client get no answer",
          "[actors]") {
  conversation w;
  w.post(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  w.post(R"({"jsonrpc":"2.0","method":"notifications/unknown"})");
  w.post(R"({"jsonrpc":"2.0","method":"notifications/cancelled",)"
         R"("params":{"requestId":99}})");
  w.post(R"({"jsonrpc":"2.0","id":5,"result":{}})");
  CHECK(w.log->empty());
}

TEST_CASE("a tool's result carries its facts as text and as structure",
          "[actors]") {
  conversation w;
  w.call("1", "echo", R"({"say":"hé"})");
  const auto result = w.said(0).at("result");
  CHECK(result.at("isError") == false);
  CHECK(result.at_pointer("/structuredContent/said") == "hé");
  const auto text = result.at_pointer("/content/0/text").as_string();
  CHECK(json::parse(text) == result.at("structuredContent"));
}

TEST_CASE("the oldest version gets text alone", "[actors]") {
  conversation w(version::v2025_03_26);
  w.call("1", "echo", R"({"say":"x"})");
  CHECK_FALSE(w.said(0).at("result").as_object().contains("structuredContent"));
}

TEST_CASE("wrong arguments are the tool's error, so that a model can repair",
          "[actors]") {
  conversation w;
  w.call("1", "echo", R"({"say":7})");
  const auto result = w.said(0).at("result");
  CHECK(result.at("isError") == true);
  const auto body =
    json::parse(result.at_pointer("/content/0/text").as_string());
  CHECK(body.at("error") == "invalid_input");
  CHECK_THAT(std::string(body.at("message").as_string()),
             Catch::Contains("say: expected a string"));
}

TEST_CASE("a mistake of ours names an incident and nothing else", "[actors]") {
  conversation w;
  w.call("1", "bug");
  CHECK(w.said(0).at_pointer("/error/code") == -32603);
  const auto message =
    std::string(w.said(0).at_pointer("/error/message").as_string());
  CHECK_THAT(message, Catch::Contains("incident"));
  CHECK_THAT(message, !Catch::Contains("secrets"));
  // And the session lives.
  w.call("2", "echo", R"({"say":"x"})");
  CHECK(w.said(1).at_pointer("/result/isError") == false);
}

TEST_CASE("two calls with one id at a time both get their answer", "[actors]") {
  conversation w;
  w.call("1", "fetch", "{}", 1);
  w.call("1", "echo", R"({"say":"x"})", 2);
  REQUIRE(w.log->size() == 1);
  CHECK((*w.log)[0].post == 2);
  w.gateway.answer(0, "late");
  w.run();
  REQUIRE(w.log->size() == 2);
  CHECK((*w.log)[1].post == 1);
  CHECK(w.said(1).at_pointer("/result/structuredContent/got") == "late");
}

TEST_CASE("a cancelled call ends upstream and is not answered", "[actors]") {
  conversation w;
  w.call("\"c\"", "fetch");
  REQUIRE(w.gateway.sent.size() == 1);
  w.post(R"({"jsonrpc":"2.0","method":"notifications/cancelled",)"
         R"("params":{"requestId":"c","reason":"changed my mind"}})",
         2);
  CHECK(w.gateway.sent[0].cancelled);
  REQUIRE(w.log->size() == 1);
  CHECK((*w.log)[0].post == 1);
  CHECK_FALSE((*w.log)[0].text);
  w.gateway.answer(0, "late");
  w.run();
  CHECK(w.log->size() == 1);
  CHECK(w.activity->calls == 0);
}

TEST_CASE("cancelling an id of another type cancels nothing", "[actors]") {
  conversation w;
  w.call("1", "fetch");
  w.post(R"({"jsonrpc":"2.0","method":"notifications/cancelled",)"
         R"("params":{"requestId":"1"}})",
         2);
  CHECK_FALSE(w.gateway.sent[0].cancelled);
}

TEST_CASE("calls end upstream when their client left", "[actors]") {
  conversation w;
  w.call("1", "fetch", "{}", 7);
  caf::anon_send(w.actor, peer_gone{w.from.address(), 6});
  w.run();
  CHECK_FALSE(w.gateway.sent[0].cancelled);
  caf::anon_send(w.actor, peer_gone{w.from.address(), 7});
  w.run();
  CHECK(w.gateway.sent[0].cancelled);
  CHECK(w.activity->calls == 0);
}

TEST_CASE("progress is told under the caller's token, only when asked",
          "[actors]") {
  conversation w;
  w.post(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":)"
         R"({"name":"fetch","_meta":{"progressToken":"p1"}}})");
  REQUIRE(w.log->size() == 1);
  CHECK((*w.log)[0].kind == outbound_kind::notification);
  CHECK(w.said(0).at("method") == "notifications/progress");
  CHECK(w.said(0).at_pointer("/params/progressToken") == "p1");
  CHECK(w.said(0).at_pointer("/params/progress") == 0);
  w.call("2", "fetch");
  CHECK(w.log->size() == 1);
}

TEST_CASE("a call that takes long becomes a stream, and ends at its budget",
          "[actors]") {
  conversation w;
  w.call("1", "fetch");
  for (int i = 0; i < 9; ++i)
    w.advance(1s);
  CHECK(w.log->empty());
  w.advance(1s);
  REQUIRE(w.log->size() == 1);
  CHECK((*w.log)[0].kind == outbound_kind::keep_open);
  for (int i = 0; i < 11; ++i)
    w.advance(1s);
  REQUIRE(w.log->size() == 2);
  const auto result = w.said(1).at("result");
  CHECK(result.at("isError") == true);
  CHECK_THAT(std::string(result.at_pointer("/content/0/text").as_string()),
             Catch::Contains("upstream_timeout"));
  CHECK(w.gateway.sent[0].cancelled);
  CHECK(w.activity->calls == 0);
}

TEST_CASE("a session runs a bounded number of calls at a time", "[actors]") {
  conversation w;
  for (int i = 1; i <= 5; ++i)
    w.call(std::to_string(i), "fetch");
  REQUIRE(w.log->size() == 1);
  CHECK(w.said(0).at("id") == 5);
  CHECK(w.said(0).as_object().contains("error"));
  CHECK(w.said(0).at_pointer("/error/data/retry_after_ms") == 1000);
}

TEST_CASE("a session that ends cancels its calls and closes its streams",
          "[actors]") {
  conversation w;
  w.call("1", "fetch", "{}", 1);
  caf::anon_send(w.actor, stream_open{w.from, 2});
  w.run();
  CHECK(w.activity->streams == 1);
  caf::anon_send(w.actor, finish_atom_v);
  w.run();
  CHECK(w.gateway.sent[0].cancelled);
  REQUIRE(w.log->size() == 3);
  CHECK((*w.log)[0].kind == outbound_kind::keep_open);
  CHECK((*w.log)[2].kind == outbound_kind::end);
  CHECK((*w.log)[2].post == 2);
}

TEST_CASE("each message of a batch is answered", "[actors]") {
  conversation w(version::v2025_03_26);
  w.post(R"([{"jsonrpc":"2.0","id":1,"method":"ping"},
             {"jsonrpc":"2.0","method":"notifications/initialized"},
             {"jsonrpc":"2.0","id":1,"method":"ping"},
             {"jsonrpc":"2.0","id":2,"method":"nope"}])");
  REQUIRE(w.log->size() == 3);
  CHECK(w.said(2).at_pointer("/error/code") == -32601);
}

TEST_CASE("a question goes to the client on its call's stream, and the answer "
          "to the call",
          "[actors]") {
  conversation c;
  c.call("1", "ask");
  const auto question = c.said(0);
  CHECK(question.at("method") == "elicitation/create");
  CHECK((*c.log)[0].kind == outbound_kind::notification);
  const auto id = json::serialize(question.at("id"));
  struct row {
    std::string answer;
    bool is_error;
  };
  const auto r = GENERATE(values<row>(
    {{R"("result":{"action":"accept","content":{"name":"Ann"}})", false},
     {R"("result":{"action":"decline"})", false},
     {R"("result":{"action":"maybe"})", true},
     {R"("result":{})", true},
     {R"("error":{"code":-1,"message":"no"})", true}}));
  CAPTURE(r.answer);
  c.post(R"({"jsonrpc":"2.0","id":"ask-99","result":{}})", 2); // nobody's
  CHECK(c.log->size() == 1);
  c.post(R"({"jsonrpc":"2.0","id":)" + id + "," + r.answer + "}", 3);
  const auto result = c.said(1);
  CHECK(result.at("id") == 1);
  CHECK(result.at_pointer("/result/isError") == r.is_error);
  const std::string text(
    result.at_pointer("/result/content/0/text").as_string());
  CHECK_THAT(text, Catch::Contains(r.is_error ? "client_refused" : "action"));
  CHECK(c.activity->calls == 0);
}

TEST_CASE("a client that can not be asked is not", "[actors]") {
  conversation c(version::v2025_03_26); // before elicitation
  c.call("1", "ask");
  REQUIRE(c.log->size() == 1);
  CHECK(c.said(0).at_pointer("/result/isError") == true);
}

TEST_CASE("log messages reach who wants them", "[actors]") {
  const auto [level, reached] = GENERATE(table<std::string, bool>(
    {{"", false}, {"error", false}, {"debug", true}, {"info", true}}));
  CAPTURE(level);
  conversation c;
  if (!level.empty()) {
    c.post(R"({"jsonrpc":"2.0","id":1,"method":"logging/setLevel",)"
           R"("params":{"level":")"
           + level + "\"}}");
    CHECK(c.said(0).at("result") == json::object{});
  }
  const auto before = c.log->size();
  c.call("2", "ask");
  CHECK((c.said(before).at("method") == "notifications/message") == reached);
  if (reached)
    CHECK(c.said(before).at_pointer("/params/data") == "asking");
}

TEST_CASE("a log level that is none is refused", "[actors]") {
  conversation c;
  c.post(R"({"jsonrpc":"2.0","id":1,"method":"logging/setLevel",)"
         R"("params":{"level":"loud"}})");
  CHECK(c.said(0).at_pointer("/error/code") == -32602);
}

TEST_CASE("a stream that broke is resumed behind the last event received",
          "[actors]") {
  conversation c;
  c.post(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":)"
         R"({"name":"fetch","_meta":{"progressToken":"p"}}})",
         7);
  REQUIRE(c.log->size() == 1);
  const auto start = c.log->at(0).start_id;
  const auto progress = c.log->at(0).event_id;
  CHECK_FALSE(start.empty());
  CHECK_FALSE(progress.empty());
  caf::anon_send(c.actor, peer_gone{c.from.address(), 7});
  c.run();
  CHECK_FALSE(c.gateway.sent[0].cancelled); // it may come back

  const bool answered_before = GENERATE(true, false);
  const auto answer = [&] {
    c.gateway.answer(0, "facts");
    c.run();
  };
  if (answered_before)
    answer();
  CHECK(c.log->size() == 1);
  const bool from_start = GENERATE(true, false);
  auto [other, log] = c.peer();
  caf::anon_send(c.actor, stream_open{other, 3, from_start ? start : progress});
  c.run();
  if (!answered_before)
    answer();
  std::vector<outbound_kind> kinds;
  for (const auto& o : *log) {
    CHECK(o.post == 3);
    kinds.push_back(o.kind);
  }
  using k = outbound_kind;
  CHECK(kinds
        == (from_start ? std::vector{k::keep_open, k::notification,
                                     k::notification, k::end}
                       : std::vector{k::keep_open, k::notification, k::end}));
  const auto& last = log->at(log->size() - 2);
  CHECK_THAT(*last.text, Catch::Contains("facts"));
  CHECK(c.activity->calls == 0);
}

TEST_CASE("an event that is not known can not be resumed from", "[actors]") {
  conversation c;
  caf::anon_send(c.actor, stream_open{c.from, 3, "7-7"});
  c.run();
  REQUIRE(c.log->size() == 1);
  CHECK(c.log->at(0).kind == outbound_kind::refuse);
}

TEST_CASE("a call may let its client go and answer later", "[actors]") {
  conversation c;
  c.call("1", "later");
  REQUIRE(c.log->size() == 2);
  CHECK(c.log->at(0).kind == outbound_kind::keep_open);
  CHECK(c.log->at(1).kind == outbound_kind::end);
  const auto start = c.log->at(0).start_id;
  c.advance(5s);
  CHECK(c.log->size() == 2);
  auto [other, log] = c.peer();
  caf::anon_send(c.actor, stream_open{other, 4, start});
  c.run();
  REQUIRE(log->size() == 3);
  CHECK_THAT(*log->at(1).text, Catch::Contains("done"));
  CHECK(log->at(2).kind == outbound_kind::end);
}

TEST_CASE("older clients are not let go: they would not come back",
          "[actors]") {
  conversation c(version::v2025_06_18);
  c.call("1", "later");
  CHECK(c.log->empty());
  c.advance(5s);
  REQUIRE(c.log->size() == 1);
  CHECK(c.log->at(0).kind == outbound_kind::answer);
}

TEST_CASE("a client may subscribe to resources", "[actors]") {
  conversation c;
  const auto* method = GENERATE("resources/subscribe", "resources/unsubscribe");
  c.post(std::string(R"({"jsonrpc":"2.0","id":1,"method":")") + method
         + R"(","params":{"uri":"wandb://guide"}})");
  CHECK(c.said(0).at("result") == json::object{});
  c.post(std::string(R"({"jsonrpc":"2.0","id":2,"method":")") + method
         + R"(","params":{}})");
  CHECK(c.said(1).at_pointer("/error/code") == -32602);
}

TEST_CASE("arguments of prompts are completed", "[actors]") {
  conversation c;
  c.post(R"({"jsonrpc":"2.0","id":1,"method":"completion/complete","params":{)"
         R"("ref":{"type":"ref/prompt","name":"wandb_guide"},)"
         R"("argument":{"name":"topic","value":"tr"}}})");
  CHECK(c.said(0).at_pointer("/result/completion/values/0") == "traces");
  c.post(R"({"jsonrpc":"2.0","id":2,"method":"completion/complete","params":{)"
         R"("ref":{"type":"ref/prompt","name":"nope"},)"
         R"("argument":{"name":"topic","value":""}}})");
  CHECK(c.said(1).at_pointer("/error/code") == -32602);
}
