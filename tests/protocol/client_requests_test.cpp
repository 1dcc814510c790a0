#include "protocol/mcp/client_answers.hpp"
#include "protocol/mcp/client_requests.hpp"
#include "protocol/mcp/elicitation_form.hpp"
#include "tests/catch.hpp"

#include <string>

using namespace mcp;
namespace json = boost::json;

namespace {

const auto oldest = version::v2025_03_26;
const auto middle = version::v2025_06_18;
const auto latest_session = version::v2025_11_25;
const auto stateless = version::v2026_07_28;

client_request some_form() {
  return elicit_form(
    "Who?", form_schema({{.name = "name", .kind = text_field{}},
                         {.name = "color",
                          .kind = choice_field{.choices = {{"r", "Red"}},
                                               .form = choice_form::titled}}}));
}

client_request form_of_several() {
  return elicit_form(
    "Which?", form_schema({{.name = "colors",
                            .kind = choices_field{.choices = {{"r"}}}}}));
}

client_request some_sampling(bool tools = false) {
  sampling_request what{.messages = {user_text("hi")}, .max_tokens = 100};
  if (tools)
    what.tools = {json::object{{"name", "t"}}};
  return create_message(what);
}

client_request with_context(const char* context) {
  return create_message(
    {.messages = {user_text("hi")}, .include_context = context});
}

json::value written(const client_request& r, version v) {
  return json::parse(write_client_request("7", r, v));
}

struct answer_case {
  const char* answer;
  bool good;
};

} // namespace

TEST_CASE("a session's question is a JSON-RPC request", "[protocol]") {
  const auto v = GENERATE(oldest, middle, latest_session);
  const auto m = json::parse(write_client_request("\"s-1\"", list_roots(), v));
  CHECK(m
        == json::value({{"jsonrpc", "2.0"},
                        {"id", "s-1"},
                        {"method", "roots/list"},
                        {"params", json::object{}}}));
}

TEST_CASE("sampling says only what is wanted", "[protocol]") {
  CHECK(json::serialize(some_sampling().params)
        == R"({"messages":[{"role":"user","content":{"type":"text",)"
           R"("text":"hi"}}],"maxTokens":100})");
  const auto all =
    create_message({.messages = {user_text("hi")},
                    .max_tokens = 5,
                    .system_prompt = "be kind",
                    .temperature = 0.5,
                    .stop_sequences = {"END"},
                    .model_preferences = {{"hints", json::array{}}},
                    .include_context = "none",
                    .tools = {json::object{{"name", "t"}}},
                    .tool_choice = "auto"});
  for (const auto* member :
       {"messages", "maxTokens", "systemPrompt", "temperature", "stopSequences",
        "modelPreferences", "includeContext", "tools"})
    CHECK(all.params.contains(member));
  CHECK(all.params.at("toolChoice").at("mode") == "auto");
  const auto old = written(all, middle).at("params").as_object();
  CHECK_FALSE(old.contains("tools"));
  CHECK_FALSE(old.contains("toolChoice"));
  CHECK(
    written(all, latest_session).at("params").as_object().contains("tools"));
}

TEST_CASE("forms are written for versions that know less", "[protocol]") {
  const auto now = written(some_form(), latest_session).at("params");
  CHECK(now.at("mode") == "form");
  CHECK(now.at_pointer("/requestedSchema/properties/color/oneOf/0/title")
        == "Red");
  const auto old = written(some_form(), middle).at("params");
  CHECK_FALSE(old.as_object().contains("mode"));
  CHECK(json::serialize(old.at_pointer("/requestedSchema/properties/color"))
        == R"({"type":"string","enum":["r"],"enumNames":["Red"]})");
}

TEST_CASE("only 2025-11-25 names an elicitation of a URL", "[protocol]") {
  const auto r = elicit_url("Sign in", "https://a.example/x", "e1");
  CHECK(written(r, latest_session).at_pointer("/params/elicitationId") == "e1");
  const auto now = to_json(input_requests{{"k", r}});
  CHECK(json::serialize(now)
        == R"({"k":{"method":"elicitation/create","params":{"mode":"url",)"
           R"("message":"Sign in","url":"https://a.example/x"}}})");
}

TEST_CASE("a question needs a capability and a version that has it",
          "[protocol]") {
  struct ask_case {
    client_request r;
    const char* capabilities;
    bool can[4]; // by version, oldest first
    const char* needed;
  };
  const auto url = elicit_url("m", "https://a.example", "e");
  const ask_case all[] = {
    {list_roots(),
     R"({"roots":{}})",
     {true, true, true, true},
     R"({"roots":{}})"},
    {list_roots(),
     R"({"sampling":{}})",
     {false, false, false, false},
     R"({"roots":{}})"},
    {some_sampling(),
     R"({"sampling":{}})",
     {true, true, true, true},
     R"({"sampling":{}})"},
    {some_sampling(),
     R"({})",
     {false, false, false, false},
     R"({"sampling":{}})"},
    {some_sampling(true),
     R"({"sampling":{}})",
     {false, false, false, false},
     R"({"sampling":{"tools":{}}})"},
    {some_sampling(true),
     R"({"sampling":{"tools":{}}})",
     {false, false, true, true},
     R"({"sampling":{"tools":{}}})"},
    {with_context("allServers"),
     R"({"sampling":{}})",
     {true, true, false, false},
     R"({"sampling":{"context":{}}})"},
    {with_context("thisServer"),
     R"({"sampling":{"context":{}}})",
     {true, true, true, true},
     R"({"sampling":{"context":{}}})"},
    {with_context("none"),
     R"({"sampling":{}})",
     {true, true, true, true},
     R"({"sampling":{}})"},
    {some_form(),
     R"({"elicitation":{}})",
     {false, true, true, true},
     R"({"elicitation":{"form":{}}})"},
    {some_form(),
     R"({"elicitation":{"form":{},"url":{}}})",
     {false, true, true, true},
     R"({"elicitation":{"form":{}}})"},
    {some_form(),
     R"({"elicitation":{"url":{}}})",
     {false, false, false, false},
     R"({"elicitation":{"form":{}}})"},
    {form_of_several(),
     R"({"elicitation":{}})",
     {false, false, true, true},
     R"({"elicitation":{"form":{}}})"},
    {url,
     R"({"elicitation":{"url":{}}})",
     {false, false, true, true},
     R"({"elicitation":{"url":{}}})"},
    {url,
     R"({"elicitation":{}})",
     {false, false, false, false},
     R"({"elicitation":{"url":{}}})"},
    {{"ping", {}},
     R"({"roots":{},"sampling":{},"elicitation":{}})",
     {false, false, false, false},
     R"({})"},
  };
  for (const auto& c : all) {
    CAPTURE(c.r.method, json::serialize(c.r.params), c.capabilities);
    const auto capabilities = json::parse(c.capabilities).as_object();
    int i = 0;
    for (const auto v : {oldest, middle, latest_session, stateless}) {
      CAPTURE(to_string(v));
      CHECK(can_ask(c.r, capabilities, v) == c.can[i++]);
    }
    CHECK(json::serialize(needed_capability(c.r)) == c.needed);
    // Who declares what is needed can be asked, in the newest version.
    CHECK(can_ask(c.r, needed_capability(c.r), stateless)
          == (c.r.method != "ping"));
  }
}

TEST_CASE("a result that asks holds its questions in order", "[protocol]") {
  const auto both = input_required_result(
    {{"z", list_roots()}, {"a", some_sampling()}}, "state");
  CHECK(both.begin()->key() == "resultType");
  CHECK(both.at("resultType") == "input_required");
  CHECK(both.at("inputRequests").as_object().begin()->key() == "z");
  CHECK(both.at("inputRequests").at("z").at("method") == "roots/list");
  CHECK(both.at("inputRequests").at("z").at("params").is_object());
  CHECK(both.at("requestState") == "state");
  CHECK_FALSE(
    input_required_result({{"z", list_roots()}}, {}).contains("requestState"));
  CHECK_FALSE(input_required_result({}, "s").contains("inputRequests"));
}

TEST_CASE("inputResponses is an object of objects, or absent", "[protocol]") {
  const auto read = [](const char* text) {
    return read_input_responses({{"inputResponses", json::parse(text)}});
  };
  CHECK(read_input_responses({}).value().empty());
  CHECK(read("{}").value().empty());
  CHECK(read(R"({"a":{"action":"accept"},"b":{}})").value().size() == 2);
  for (const auto* bad :
       {"null", "7", "[]", R"({"user_name":12345})", R"({"a":{},"b":null})"}) {
    CAPTURE(bad);
    const auto answers = read(bad);
    REQUIRE_FALSE(answers.has_value());
    CHECK(answers.error().code == -32602);
  }
  json::object many;
  for (int i = 0; i < 101; ++i)
    many[std::to_string(i)] = json::object{};
  CHECK_FALSE(read_input_responses({{"inputResponses", many}}).has_value());
}

TEST_CASE("an elicitation's answer is an action, with a form's content",
          "[protocol]") {
  const auto c = GENERATE(values<answer_case>({
    {R"({"action":"accept","content":{"name":"x","color":"r"}})", true},
    {R"({"action":"accept","content":{}})", true},
    {R"({"action":"decline"})", true},
    {R"({"action":"cancel","content":null})", true},
    {R"({"action":"accept"})", false},
    {R"({"action":"accept","content":[]})", false},
    {R"({"action":"accept","content":{"color":"blue"}})", false},
    {R"({"action":"reject"})", false},
    {R"({"action":1})", false},
    {R"({})", false},
    {R"(null)", false},
    {R"("accept")", false},
  }));
  CAPTURE(c.answer);
  const auto answer = json::parse(c.answer);
  const auto read = read_elicit_answer(answer, some_form());
  CHECK(read.has_value() == c.good);
  CHECK(check_answer(answer, some_form()).has_value() == c.good);
  if (read && answer.at("action") == "decline")
    CHECK(read->action == elicit_action::decline);
  if (read)
    CHECK(to_string(read->action) == answer.at("action").as_string());
}

TEST_CASE("a URL is accepted without content", "[protocol]") {
  const auto url = elicit_url("m", "https://a.example", "e");
  const auto read = read_elicit_answer({{"action", "accept"}}, url);
  REQUIRE(read.has_value());
  CHECK(read->action == elicit_action::accept);
  CHECK(read->content.empty());
}

TEST_CASE("a model's answer has a role and blocks", "[protocol]") {
  const auto c = GENERATE(values<answer_case>({
    {R"({"role":"assistant","model":"m","stopReason":"endTurn",
         "content":{"type":"text","text":"Paris"}})",
     true},
    {R"({"role":"assistant","content":{"type":"text","text":""}})", true},
    {R"({"role":"user","model":"m","content":[{"type":"text","text":"a"},
         {"type":"tool_use","id":"1","name":"t","input":{}}]})",
     true},
    {R"({"role":"assistant","model":"m","content":[]})", true},
    {R"({"role":"assistant","model":"m","content":{"type":"image"}})", true},
    {R"({"role":"assistant","model":"m","content":{"type":"text"}})", false},
    {R"({"role":"assistant","model":"m","content":{"text":"x"}})", false},
    {R"({"role":"assistant","model":"m","content":["x"]})", false},
    {R"({"role":"assistant","model":"m","content":"x"})", false},
    {R"({"role":"assistant","model":"m"})", false},
    {R"({"role":"system","content":[]})", false},
    {R"({"content":[]})", false},
    {R"([])", false},
  }));
  CAPTURE(c.answer);
  const auto answer = json::parse(c.answer);
  CHECK(read_sampling_answer(answer).has_value() == c.good);
  CHECK(check_answer(answer, some_sampling()).has_value() == c.good);
}

TEST_CASE("the text of a model's answer is that of all its blocks",
          "[protocol]") {
  const auto read = read_sampling_answer(json::parse(
    R"({"role":"assistant","model":"m","stopReason":"endTurn","content":[
      {"type":"text","text":"Par"},{"type":"image"},
      {"type":"text","text":"is"}]})"));
  REQUIRE(read.has_value());
  CHECK(read->text == "Paris");
  CHECK(read->content.size() == 3);
  CHECK(read->model == "m");
  CHECK(read->stop_reason == "endTurn");
}

TEST_CASE("roots have URIs, and names if they like", "[protocol]") {
  const auto c = GENERATE(values<answer_case>({
    {R"({"roots":[]})", true},
    {R"({"roots":[{"uri":"file:///a","name":"A"},{"uri":"file:///b"}]})", true},
    {R"({"roots":[{"name":"A"}]})", false},
    {R"({"roots":[{"uri":7}]})", false},
    {R"({"roots":["file:///a"]})", false},
    {R"({"roots":{}})", false},
    {R"({})", false},
    {R"(7)", false},
  }));
  CAPTURE(c.answer);
  const auto answer = json::parse(c.answer);
  const auto read = read_roots_answer(answer);
  CHECK(read.has_value() == c.good);
  CHECK(check_answer(answer, list_roots()).has_value() == c.good);
  if (read && read->size() == 2)
    CHECK(read->front().name == "A");
}

TEST_CASE("a client's error becomes a failure that is short", "[protocol]") {
  const auto said = client_said_no(
    list_roots(), {{"code", -1}, {"message", std::string(5000, 'x')}});
  CHECK(said.code == errc::not_permitted);
  CHECK(said.message.find("roots/list") != std::string::npos);
  CHECK(said.message.size() < 300);
  CHECK_FALSE(client_said_no(list_roots(), {}).message.empty());
  CHECK_FALSE(check_answer({}, {"ping", {}}).has_value());
}
